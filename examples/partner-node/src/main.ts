// A policy administration that talks to Sleutelbos. README.md says how to run it; each file is a thing to copy:
//
//   administration.ts  a new customer gets an organisation and its people, and lists are read page by page
//   move.ts            many people are moved over at once, and what was refused is told
//   receiver.ts        webhooks are checked, kept, and handled once
//   client.ts          how a request gets there in spite of networks and quotas, and the two ways in which it can be refused
//   documents.ts       what it asks; generated/ is what graphql-codegen made of that
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Administration, type Customer, type Person } from './administration.js';
import { Client, RequestError } from './client.js';
import { move } from './move.js';
import { listen, subscribe } from './receiver.js';

const usage = `usage: partner-node welcome [--page 100] customer.json
       partner-node move [--page 200] --organisation org_… --key move-2026 people.json
       partner-node subscribe https://receiver.example/hook
       partner-node listen [--address 127.0.0.1:8090] [--journal events.jsonl]
SLEUTELBOS_URL and SLEUTELBOS_TOKEN say where the portal is and who asks; listen needs SLEUTELBOS_WEBHOOK_SECRET alone`;

const { values, positionals: [command, file] } = parseArgs({
  allowPositionals: true,
  options: {
    page: { type: 'string', default: '100' },
    organisation: { type: 'string', default: '' },
    key: { type: 'string', default: '' },
    address: { type: 'string', default: '127.0.0.1:8090' },
    journal: { type: 'string', default: 'events.jsonl' },
  },
});

async function run(): Promise<void> {
  const { SLEUTELBOS_URL: url, SLEUTELBOS_TOKEN: token, SLEUTELBOS_WEBHOOK_SECRET: secret } = process.env;
  if (command === 'listen') return listen(values.address, values.journal, secret ?? '');
  if (!url || !token || !file) throw new Error(usage);
  const client = new Client(url, token);
  const page = Number(values.page);
  switch (command) {
    case 'welcome': return new Administration(client, page).welcome(await read<Customer>(file));
    case 'move':
      if (!values.organisation || !values.key) throw new Error(usage);
      return move(client, page, values.key, values.organisation, await read<Person[]>(file));
    case 'subscribe': return subscribe(client, file);
    default: throw new Error(usage);
  }
}

async function read<Content>(path: string): Promise<Content> {
  return JSON.parse(await readFile(path, 'utf8')) as Content;
}

/** Tells an error to people: of a top-level error the code, and the id by which the server's operator finds the request in the log. */
function explain(error: unknown): string {
  if (error instanceof RequestError) return `refused with ${error.code}, request id ${error.requestId}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

try {
  await run();
} catch (error) {
  console.error('partner-node:', explain(error));
  process.exitCode = 1;
}
