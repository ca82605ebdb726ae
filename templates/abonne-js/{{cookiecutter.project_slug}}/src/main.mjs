// Follows the stream that NATS_URL names, and keeps its figures in ./checkpoint.json until it is interrupted.
// An ordered consumer needs no acknowledgement and leaves nothing on the server: the position kept here is enough.

import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Follower } from "./follower.mjs";

const STREAM = "LEDGER";
const SAVE_EVERY_MS = 1_000;
const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 30_000;

const { host, username, password } = new URL(process.env.NATS_URL ?? "nats://127.0.0.1:4222");
const follower = await Follower.open("checkpoint.json");
let wait = WAIT_FIRST_MS;

async function follow() {
  const connection = await connect({
    servers: host, user: decodeURIComponent(username), pass: decodeURIComponent(password), maxReconnectAttempts: -1,
  });
  try {
    const consumer = await jetstream(connection).consumers.get(STREAM, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: follower.position + 1,
    });
    for await (const message of await consumer.consume()) {
      follower.take(message);
      wait = WAIT_FIRST_MS;
    }
  } finally {
    await connection.close();
  }
}

// After any doubt (a gap, a lost server, a stream that is not there yet) it reads again from its own position.
async function followForEver() {
  for (;;) {
    try {
      await follow();
    } catch (doubt) {
      console.error(`Reading again from ${follower.position + 1}: ${doubt.message}`);
    }
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    wait = Math.min(2 * wait, WAIT_MAX_MS);
  }
}

async function stop() {
  await follower.save();
  process.exit(0);
}

// A checkpoint that cannot be written is no doubt but an end: the error ends the process, and says why.
setInterval(() => follower.save(), SAVE_EVERY_MS);
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
await followForEver();
