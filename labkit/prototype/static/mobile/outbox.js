// Sends what waits, in order, one tab at a time. What the network loses is sent again under the same identifier.

import { OPENING, SUBMITTING, accept, giveBack, late } from "./keeping.js";
import { all, get } from "./store.js";

const TIMEOUT_MS = 15_000;
const TRIES_MAX = 10;
const WAIT_FIRST_MS = 1_000;
const WAIT_MAX_MS = 60_000;
const LATER = new Set([408, 425, 429]);

let tries = 0;
let timer = null;
let moved = () => {};

// Sends whenever there is hope: at the start, when the network or the reader is back, after each wait.
export function startSending(tell) {
  moved = tell;
  window.addEventListener("online", sendNow);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sendNow(); });
  return sendNow();
}

export function sendNow() {
  tries = 0;
  return send();
}

function send() {
  clearTimeout(timer);
  return navigator.locks.request("mobile outbox", empty);
}

async function empty() {
  const stuck = new Set();
  for (const entry of await all("outbox")) {
    if (stuck.has(entry.case_id)) continue;
    const outcome = (await hindrance(entry)) ?? (await post(entry));
    if (outcome.state) await accept(entry, outcome.state);
    else if (outcome.problem) await giveBack(entry, outcome.problem);
    else stuck.add(entry.case_id);
    if (!outcome.reached) await late();
    moved();
    if (!outcome.reached) break;
  }
  if (stuck.size) sendLater();
}

// A request does not leave with an older answer in the place of one that came back.
async function hindrance({ case_id, page }) {
  if (page !== SUBMITTING) return null;
  const returned = (await all("drafts")).find((draft) => draft.case_id === case_id && draft.problem);
  return returned ? { reached: true, problem: { missing: returned.page } } : null;
}

function sendLater() {
  if (tries >= TRIES_MAX) return;
  timer = setTimeout(send, Math.min(WAIT_FIRST_MS * 2 ** tries, WAIT_MAX_MS));
  tries += 1;
}

// What became of an entry: a `state` or a `problem`; neither, if it must be sent again. A network that answers in
// place of the server, as at a hotel, did not reach it.
async function post(entry) {
  try {
    const body = new FormData();
    for (const [name, value] of entry.fields) body.append(name, value);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(await addressOf(entry), { method: "POST", body, signal, redirect: "error" });
    if (!answer.headers.get("content-type")?.startsWith("application/json")) return { reached: false };
    const said = await answer.json();
    if (answer.ok) return said.case_id === entry.case_id ? { reached: true, state: said } : { reached: false };
    if (answer.status >= 500 || LATER.has(answer.status)) return { reached: true };
    return { reached: true, problem: said };
  } catch {
    return { reached: false };
  }
}

async function addressOf({ case_id, page, command_id, occurred_at, batch }) {
  const told = new URLSearchParams({ command_id, occurred_at });
  const kept = await get("cases", case_id);
  // What was written before the case reached the server is part of the contact that opened it.
  if (batch && (page === OPENING || batch !== kept?.opened_in)) told.set("batch", batch);
  const path = `/${document.documentElement.lang}/m/case/${case_id}`;
  return `${page === OPENING ? path : `${path}/${page}`}?${told}`;
}
