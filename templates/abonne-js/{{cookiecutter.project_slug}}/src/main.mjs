// Follows the stream of a ledger, and keeps its figures in ./checkpoint.json until it is interrupted.
// A consumer that needs no acknowledgement leaves nothing on the server: the position kept here is enough. The follower
// looks for gaps itself, and begins another consumer at once: the library's ordered consumer may take half a minute.

import { AckPolicy, DeliverPolicy, jetstreamManager } from "@nats-io/jetstream";
import { connect, nanos } from "@nats-io/transport-node";
import { accessIn } from "./credentials.mjs";
import { Follower } from "./follower.mjs";

const SAVE_EVERY_MS = 1_000;
const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 30_000;
const FORGET_AFTER_MS = 30_000;
const PULL_MS = 10_000;

const access = await accessIn(process.env);
const follower = await Follower.open("checkpoint.json");
let wait = WAIT_FIRST_MS;

async function follow() {
  const connection = await connect({ ...access.connection, maxReconnectAttempts: -1 });
  try {
    const manager = await jetstreamManager(connection, { ...access.api, checkAPI: false });
    const { name } = await manager.consumers.add(access.stream, consumerAfter(follower.position));
    const consumer = await manager.jetstream().consumers.get(access.stream, name);
    follower.beginAgain();
    for await (const message of await consumer.consume({ expires: PULL_MS, abort_on_missing_resource: true })) {
      follower.take(message);
      wait = WAIT_FIRST_MS;
    }
  } finally {
    await connection.close();
  }
}

function consumerAfter(position) {
  return {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: position + 1,
    inactive_threshold: nanos(FORGET_AFTER_MS),
    mem_storage: true,
    num_replicas: 1,
  };
}

// After any doubt (a gap, a lost server, a stream that is not there yet) it reads again from its own position.
async function followForEver() {
  for (;;) {
    try {
      await follow();
    } catch (doubt) {
      console.error(`Reading again after ${follower.position}: ${doubt.message}`);
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
