// A provider of OpenID Connect that isn't ours: oidc-provider, which is certified. It signs in whom the account named in
// login_hint says, without a page in between, and tells what a broker of eHerkenning would. It prints its address, and then
// reads the address that it sends browsers back to.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const loa = "urn:etoegang:core:assurance-class:";
const accounts = {
  donald: { chamber_of_commerce: "68750110", eherkenning_vestigingsnr: "000037178598", level: loa + "loa3" },
  chain: { chamber_of_commerce: "68750110", eherkenning_intermediate_kvknr: "69599084", level: loa + "loa4" },
  weak: { chamber_of_commerce: "68750110", level: loa + "loa2plus" },
  private: { level: loa + "loa3" },
};
const claims = ["chamber_of_commerce", "eherkenning_vestigingsnr", "eherkenning_intermediate_kvknr"];

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(issuer);
const redirectURI = await new Promise((read) => createInterface({ input: process.stdin }).once("line", read));

const provider = new Provider(issuer, {
  clients: [{ client_id: process.env.CLIENT_ID, client_secret: process.env.CLIENT_SECRET, redirect_uris: [redirectURI] }],
  cookies: { keys: ["a key of a test"] },
  acrValues: ["loa2", "loa2plus", "loa3", "loa4"].map((level) => loa + level),
  claims: { openid: ["sub"], "eherkenning-extra": claims },
  scopes: ["openid", "eherkenning-extra"],
  conformIdTokenClaims: process.env.USER_INFO === "true",
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid eherkenning-extra");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/interaction/")) {
    return answer(request, response);
  }
  const { params } = await provider.interactionDetails(request, response);
  const result = params.login_hint === "nobody"
    ? { error: "access_denied" }
    : { login: { accountId: params.login_hint, acr: accounts[params.login_hint].level } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});
console.log("ready");
