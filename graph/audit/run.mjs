// Audits the GraphQL endpoint at the URL given as the only argument, and prints the result in the Test Anything Protocol.
//
//   npm ci && node run.mjs http://localhost:8080/graphql
//
// Every audit counts, the ones for MUST, SHOULD and MAY alike. Exit status 1 when one of them is not "ok".
import { serverAudits } from 'graphql-http';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node run.mjs URL');
  process.exit(2);
}

const audits = serverAudits({ url, fetchFn: fetch });
console.log(`TAP version 14\n1..${audits.length}`);
for (const [index, audit] of audits.entries()) {
  const result = await audit.fn();
  const ok = result.status === 'ok';
  console.log(`${ok ? 'ok' : 'not ok'} ${index + 1} - ${audit.id} ${audit.name}`);
  if (!ok) {
    process.exitCode = 1;
    console.log(`# ${result.status}: ${result.reason}`);
  }
}
