// Where the stream is, and who reads it: the file that LEDGER_CREDENTIALS names, which `labkit integrator add` wrote, or
// else the address in NATS_URL, which opens the whole stream of a ledger.

import { readFile } from "node:fs/promises";
import { nkeyAuthenticator } from "@nats-io/transport-node";

const WHOLE = "LEDGER";
const NATS_DEFAULT = "nats://127.0.0.1:4222";

// Returns the name of the stream, how to connect, and the domain in which the server is asked about streams.
export async function accessIn(environment) {
  const path = environment.LEDGER_CREDENTIALS;
  return path ? byCredentials(await readFile(path, "utf8")) : byAddress(environment.NATS_URL || NATS_DEFAULT);
}

function byCredentials(text) {
  const { url, nkey_seed: seed, domain, stream } = JSON.parse(text).nats;
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  return { stream, connection: { servers: new URL(url).host, authenticator }, api: { domain } };
}

function byAddress(url) {
  const { host, username, password } = new URL(url);
  const [user, pass] = [username, password].map(decodeURIComponent);
  return { stream: WHOLE, connection: { servers: host, user, pass }, api: {} };
}
