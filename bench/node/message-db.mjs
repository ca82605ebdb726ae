// message-db: read the stream and fold it, then write one message that expects the version read.
import { randomUUID } from "node:crypto";
import pg from "pg";
import { CASES, EVENTS_BEFORE, FIELDS, caseOf, measure } from "./clients.mjs";

const [address, clients, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const url = new URL(address);
const pool = new pg.Pool({
  host: url.hostname,
  port: Number(url.port),
  user: url.username,
  database: url.pathname.slice(1),
  max: clients,
  options: "-c search_path=message_store",
});
const contact = JSON.stringify(FIELDS);
const write = { name: "write", text: "SELECT write_message($1, $2, $3, $4::jsonb, NULL, $5)" };
const read = { name: "read", text: "SELECT * FROM get_stream_messages($1, 0, 1000)" };

const streams = Array.from({ length: CASES }, () => `case-${randomUUID()}`);
for (const stream of streams)
  for (let version = 0; version <= EVENTS_BEFORE; version += 1)
    await pool.query({ ...write, values: [randomUUID(), stream, "InteractionRecorded", contact, version - 1] });

await measure(
  async (number, rank) => {
    const stream = streams[caseOf(clients, number, rank)];
    const found = await pool.query({ ...read, values: [stream] });
    let version = -1;
    for (const row of found.rows) {
      JSON.parse(row.data);
      version = Number(row.position);
    }
    await pool.query({ ...write, values: [randomUUID(), stream, "InteractionRecorded", contact, version] });
  },
  clients,
  seconds,
);
