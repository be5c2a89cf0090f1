// Webhooks are checked, kept, and handled once.
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { type Client, mendable } from './client.js';
import { createWebhookEndpoint } from './documents.js';

const largestEvent = 1 << 20; // more than any event has

/** What the receiver reads of an event. There are ids in it, and no names: those are asked for through the API. */
type Event = { type: string; data: { organisationId: string; sequence: number } };

/** Makes an endpoint, and shows its secret. The key comes from the address: run again, within a day, it shows the same. */
export async function subscribe(client: Client, url: string): Promise<void> {
  const { createWebhookEndpoint: answer } = await client.ask(createWebhookEndpoint, { input: { url, idempotencyKey: `endpoint-${url}` } });
  mendable(answer.userErrors);
  console.log(answer.secret!);
}

/** Takes webhooks until the program is told to stop. */
export async function listen(address: string, file: string, secret: string): Promise<void> {
  if (!secret) throw new Error('SLEUTELBOS_WEBHOOK_SECRET is not the whsec_… that subscribe showed');
  const webhook = new Webhook(secret);
  const journal = await Journal.open(file);
  const server = createServer(async (request, response) => {
    try {
      const event = webhook.verify(await textOf(request), request.headers as Record<string, string>) as Event;
      const isNew = await journal.keep(request.headers['webhook-id'] as string, event);
      // Only now, and only then, is the work done: whoever waits for the answer waits no longer than for a disk.
      response.writeHead(204).end();
      if (isNew) handle(event);
    } catch (error) {
      // What wasn't kept is sent again.
      if (!(error instanceof Error && error.name === 'WebhookVerificationError')) response.writeHead(500).end();
      else response.writeHead(401).end('not from Sleutelbos');
    }
  });
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  server.listen(Number(port), host, () => {
    const at = server.address() as AddressInfo;
    console.log(`listening at http://${at.address}:${at.port}/`);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
}

/** Does what an event asks for. Yours goes to a queue that outlives the program; the journal is where it would be filled from. */
function handle({ type, data }: Event): void {
  console.log(`heard ${type}, number ${data.sequence} of ${data.organisationId}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    if ((size += part.length) > largestEvent) throw new Error('an event too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The events that came, one a line. One that is sent again is known by its webhook-id. */
class Journal {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly file: FileHandle, private readonly had: Set<string>) {}

  static async open(path: string): Promise<Journal> {
    const file = await open(path, 'a+', 0o600);
    const had = new Set<string>();
    for (const line of (await file.readFile('utf8')).split('\n')) {
      try {
        had.add((JSON.parse(line) as { id: string }).id);
      } catch {
        // Half a line of a run that was killed, which nobody was answered for.
      }
    }
    return new Journal(file, had);
  }

  /** Writes an event down, once; one after the other. */
  keep(id: string, event: Event): Promise<boolean> {
    const kept = this.last.then(async () => {
      if (this.had.has(id)) return false;
      await this.file.appendFile(`\n${JSON.stringify({ id, event })}\n`);
      await this.file.sync();
      this.had.add(id);
      return true;
    });
    this.last = kept.catch(() => undefined);
    return kept;
  }
}
