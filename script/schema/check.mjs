// Compares the schema with the one that was released last, docs/schema/released.graphqls. With --release it becomes that one.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { complaints } from './compare.mjs';

const root = new URL('../../', import.meta.url);
const read = (name) => readFileSync(new URL(name, root), 'utf8');
const concepts = readdirSync(new URL('graph/schema/', root)).filter((name) => name.endsWith('.graphqls')).sort();
const current = ['schema.graphqls', ...concepts.map((name) => `graph/schema/${name}`)].map(read).join('\n');

if (process.argv.includes('--release')) {
  writeFileSync(new URL('docs/schema/released.graphqls', root), current);
  writeFileSync(new URL('docs/schema/accepted.json', root), '{}\n');
} else {
  const found = await complaints(read('docs/schema/released.graphqls'), current, JSON.parse(read('docs/schema/accepted.json')));
  for (const complaint of found) console.error(complaint);
  if (found.length > 0) {
    console.error('\nThe schema breaks its promise to partners (docs/partners.md): deprecate, and add beside; or, where it is meant,');
    console.error('put its line into docs/schema/accepted.json, with the reason.');
    process.exitCode = 1;
  }
}
