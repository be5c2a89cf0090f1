"""An eHerkenning broker by Lasso, for the tests: sign-in, artifact, resolution.

Everything of SAML in here is Lasso's. Over TLS on loopback it serves

  GET  /sso       an AuthnRequest by redirect; answers with a redirect that carries an artifact
  POST /soap      ArtifactResolve

It takes a folder with its metadata, keys and our metadata, and prints its port once it listens: the port is part of its own
metadata. What it says of somebody is in the header X-Word of the request that brings them.
"""

import base64
import datetime
import http.server
import json
import ssl
import sys
import urllib.parse
from pathlib import Path

import lasso

folder = Path(sys.argv[1])
settings = json.loads((folder / "settings.json").read_text())
messages = {}


def server():
    broker = lasso.Server.newFromBuffers((folder / "broker.xml").read_text(), (folder / "key.pem").read_text(), None, None)
    broker.signatureMethod = lasso.SIGNATURE_METHOD_RSA_SHA256
    broker.addProviderFromBuffer(lasso.PROVIDER_ROLE_SP, (folder / "ours.xml").read_text())
    return broker


def stamp(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def value(child):
    one = lasso.Saml2AttributeValue()
    one.any = [child]
    return one


def attribute(name, children):
    one = lasso.Saml2Attribute()
    one.name = name
    one.attributeValue = [value(child) for child in children]
    return one


def sealed(broker, qualifier, name):
    """Lasso encrypts it for us, with the key in our metadata."""
    provider = broker.getProvider(settings["us"])
    provider.setEncryptionSymKeyType(lasso.ENCRYPTION_SYM_KEY_TYPE_AES_256)
    provider.setKeyEncryptionMethod(lasso.KEY_ENCRYPTION_METHOD_OAEP)
    name_id = lasso.Saml2NameID()
    name_id.content = name
    name_id.nameQualifier = qualifier
    name_id.format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    encrypted = provider.saml2NodeEncrypt(name_id)
    encrypted.setCustomNodename("EncryptedID")  # Lasso's own name for it stands where it knows no better
    return encrypted


def plain(text):
    return lasso.MiscTextNode.newWithString(text)


def fill(broker, login, word):
    assertion = login.assertion
    assertion.attributeStatement = [lasso.Saml2AttributeStatement()]
    statement = assertion.attributeStatement[0]
    given = []
    for name, values in (word["plain"] or {}).items():
        text = [plain(one) for one in values]
        for one in text:
            one.textChild = True
        given.append(attribute(name, text))
    for name, (qualifier, content) in (word["sealed"] or {}).items():
        given.append(attribute(name, [sealed(broker, qualifier, content)]))
    statement.attribute = given
    assertion.authnStatement[0].authnContext.authnContextClassRef = word["level"]
    if word["id"]:
        assertion.id = word["id"]


class Broker(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        broker = server()
        login = lasso.Login(broker)
        login.processAuthnRequestMsg(address.query)
        request = login.request
        word = json.loads(base64.b64decode(self.headers["X-Word"]))
        seen = dict(id=request.id, index=request.attributeConsumingServiceIndex, force=request.forceAuthn,
                    binding=request.protocolBinding, consumer=request.assertionConsumerServiceURL, policy=request.nameIdPolicy and "there",
                    level=request.requestedAuthnContext and "there")
        agreed = not word["cancel"]
        try:
            login.validateRequestMsg(agreed, agreed)
        except lasso.LoginRequestDeniedError:
            pass
        if agreed:
            login.buildAssertion(lasso.SAML2_AUTHN_CONTEXT_PASSWORD_PROTECTED_TRANSPORT, stamp(0), stamp(3600), stamp(-5), stamp(120))
            fill(broker, login, word)
        else:
            login.response.status.statusCode.value = lasso.SAML2_STATUS_CODE_RESPONDER
            login.response.status.statusCode.statusCode = lasso.Samlp2StatusCode()
            login.response.status.statusCode.statusCode.value = lasso.SAML2_STATUS_CODE_AUTHN_FAILED
        login.buildArtifactMsg(lasso.HTTP_METHOD_ARTIFACT_GET)
        messages[login.artifact] = login.artifactMessage
        self.send_response(302)
        self.send_header("Location", login.msgUrl)
        self.send_header("X-Request", base64.b64encode(json.dumps(seen).encode()).decode())
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        login = lasso.Login(server())
        login.processRequestMsg(body)
        message = messages.pop(login.artifact, None)
        if message:
            login.setArtifactMessage(message)
        login.buildResponseMsg(settings["us"])
        answer = login.msgBody.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


http.server.HTTPServer.request_queue_size = 64
listener = http.server.HTTPServer(("127.0.0.1", 0), Broker)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
if settings.get("client"):
    context.load_verify_locations(folder / "client.pem")
    context.verify_mode = ssl.CERT_REQUIRED
listener.socket = context.wrap_socket(listener.socket, server_side=True)
print(listener.server_address[1], flush=True)
sys.stdin.readline()  # until the test has written the metadata, which have the port in them
listener.serve_forever()
