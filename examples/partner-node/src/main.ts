// A policy administration that talks to Sleutelbos: a new customer took out a policy, so it makes their organisation in the
// portal, invites their people, and reads back who there is and what happened.
//
//   npm ci && npm run build
//   SLEUTELBOS_URL=http://localhost:8080/portals/interpolis/graphql SLEUTELBOS_TOKEN=… npm start ../customer.json
//
// Copy it: documents.ts is what it asks, generated/ is what graphql-codegen made of that, and client.ts is how a request gets
// there.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Administration, type Customer } from './administration.js';
import { Client, RequestError } from './client.js';

const { SLEUTELBOS_URL: url, SLEUTELBOS_TOKEN: token } = process.env;
const { values, positionals: [file] } = parseArgs({ allowPositionals: true, options: { page: { type: 'string', default: '100' } } });
if (!url || !token || !file) {
  console.error('usage: SLEUTELBOS_URL=… SLEUTELBOS_TOKEN=… npm start -- [--page 100] customer.json');
  process.exit(1);
}
try {
  const customer = JSON.parse(await readFile(file, 'utf8')) as Customer;
  await new Administration(new Client(url, token), Number(values.page)).welcome(customer);
} catch (error) {
  console.error('partner-node:', explain(error));
  process.exitCode = 1;
}

/** Tells an error to people: of a top-level error the code, and the id by which the server's operator finds the request in the log. */
function explain(error: unknown): string {
  if (error instanceof RequestError) return `refused with ${error.code}, request id ${error.requestId}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
