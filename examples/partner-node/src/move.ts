// Many people are moved over at once, and what was refused is told.
import { setTimeout as wait } from 'node:timers/promises';
import type { Person } from './administration.js';
import { type Client, mendable } from './client.js';
import { importUsers, readImport } from './documents.js';
import type { ReadImportQuery } from './generated/graphql.js';

const untilSettled = 1000; // milliseconds, before asking again how an import stands

/**
 * Moves people over, and tells of those who were refused. Broken off, it is run again as it is: a person has the number of their
 * place in the file, and what came under a number before isn't done again.
 */
export async function move(client: Client, page: number, key: string, organisationId: string, people: Person[]): Promise<void> {
  let id: string | undefined;
  for (let sent = 0; sent < people.length; sent += page) {
    const rows = people.slice(sent, sent + page).map((person, i) => ({ number: sent + i + 1, organisationId, ...person }));
    const { importUsers: answer } = await client.ask(importUsers, { input: { key, rows } });
    mendable(answer.userErrors);
    id = answer.import!.id;
    console.log(`${sent + rows.length} of ${people.length} rows are there`);
  }
  if (id !== undefined) await report(client, page, id, people);
}

/** Waits until every row had its turn, and tells why some were refused. */
async function report(client: Client, first: number, id: string, people: Person[]): Promise<void> {
  for (let after: string | null = null; ; ) {
    const { import: found }: ReadImportQuery = await client.ask(readImport, { id, first, after });
    if (found === null) throw new Error(`import ${id} is gone: its report is kept for thirty days`);
    if (found.state === 'RUNNING') {
      await wait(untilSettled);
      continue;
    }
    if (after === null) console.log(`${found.done} were moved, ${found.failed} refused`);
    for (const { number, userErrors } of found.rows.nodes) console.log(`row ${number} (${people[number - 1]!.email}): ${userErrors[0]!.code}`);
    if (!found.rows.pageInfo.hasNextPage) return;
    after = found.rows.pageInfo.endCursor;
  }
}
