// Opens the receiver of docs/webhooks.md for each secret that it is given, on addresses that it prints, and prints what is saved.
import { receiver } from "./receiver.js";

for (const secret of process.argv.slice(2)) {
  const server = receiver(secret, async (id, event) => console.log(`${id} ${event.type}`));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  console.log(`http://127.0.0.1:${server.address().port}/hook`);
}
