// Reads the stream of a ledger from its first message to a given one, as a third party would, and says what it saw.
// Usage: NATS_URL=nats://reader:PASSWORD@127.0.0.1:PORT node subscriber.mjs LAST_SEQUENCE

import { createHash } from "node:crypto";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { CloudEvent } from "cloudevents";

const STREAM = "LEDGER";
const CONTENT_TYPE = "application/cloudevents+json";
const PATIENCE_MS = 60_000;

const last = Number(process.argv[2]);
const { host, username, password } = new URL(process.env.NATS_URL);
const seen = { count: 0, first: 0, last: 0, inOrder: true, problems: [] };
const ids = createHash("sha256");

function take(message) {
  const problems = [];
  const event = new CloudEvent(message.json(), false);
  try {
    event.validate();
  } catch (error) {
    problems.push(`${error.message}: ${JSON.stringify(error.errors)}`);
  }
  if (message.headers?.get("Content-Type") !== CONTENT_TYPE) problems.push("its content type is not that of CloudEvents");
  if (Number(event.sequence) !== message.seq) problems.push(`it carries the position ${event.sequence}`);
  if (!event.type.endsWith(`.${event.data.event}`)) problems.push(`its type ${event.type} is not that of its data`);
  seen.problems.push(...problems.map((problem) => `message ${message.seq}: ${problem}`));
  seen.inOrder &&= message.seq === seen.last + 1;
  seen.first ||= message.seq;
  seen.last = message.seq;
  seen.count += 1;
  ids.update(`${event.sequence} ${event.id}\n`);
}

const patience = setTimeout(() => {
  console.error(`After ${PATIENCE_MS} ms only ${seen.count} messages have come: ${JSON.stringify(seen)}`);
  process.exit(1);
}, PATIENCE_MS);
const connection = await connect({ servers: host, user: username, pass: password });
const consumer = await jetstream(connection).consumers.get(STREAM);
for await (const message of await consumer.consume()) {
  take(message);
  if (message.seq >= last) break;
}
clearTimeout(patience);
await connection.close();
console.log(JSON.stringify({ ...seen, problems: seen.problems.slice(0, 10), ids: ids.digest("hex") }));
