// What happens to a request on this telephone, one transaction each: begun, typed, answered, accepted, given back.
// A draft is `settled` once «continue» was pressed on it; what was sent last is remembered, to send nothing twice.

import { typedFrom } from "./answers.js";
import { change, done } from "./store.js";

const EVERYTHING = ["cases", "drafts", "outbox"];
export const OPENING = "";
export const SUBMITTING = "check";

export function begin() {
  const case_id = crypto.randomUUID();
  return change(EVERYTHING, async ({ cases, outbox }) => {
    cases.put({ case_id, reference: null, asked: [], answered: [], submitted: false, touched: Date.now() });
    await queue(outbox, { case_id, page: OPENING, fields: [] });
    return case_id;
  });
}

export function typed(case_id, page, values) {
  return change(["drafts"], async ({ drafts }) => {
    const draft = await done(drafts.get([case_id, page]));
    drafts.put({ ...draft, case_id, page, values, settled: false });
  });
}

export function answer(case_id, page, values) {
  return change(EVERYTHING, async ({ cases, drafts, outbox }) => {
    const draft = await done(drafts.get([case_id, page]));
    drafts.put({ case_id, page, values, settled: true, sent: values });
    await touch(cases, case_id, { missing: null });
    if (!draft?.sent || !areSame(draft.sent, values)) await queue(outbox, { case_id, page, fields: fieldsOf(values) });
  });
}

export function submit(case_id) {
  return change(EVERYTHING, async ({ cases, outbox }) => {
    await touch(cases, case_id, { wanted: true, problem: null });
    await queue(outbox, { case_id, page: SUBMITTING, fields: [] });
  });
}

export function accept(entry, state) {
  return change(EVERYTHING, async ({ cases, drafts, outbox }) => {
    outbox.delete(entry.rank);
    const openedIn = entry.page === OPENING ? { opened_in: entry.batch } : {};
    await touch(cases, entry.case_id, { ...state, ...openedIn });
    if (state.submitted && entry.page === SUBMITTING) await clear(drafts, entry.case_id);
  });
}

// Nothing is lost: the answers are a draft again, unless newer ones of the same page wait already.
export function giveBack(entry, problem) {
  return change(EVERYTHING, async ({ cases, drafts, outbox }) => {
    outbox.delete(entry.rank);
    if (entry.page === OPENING || entry.page === SUBMITTING) {
      const { message, missing = null } = problem;
      await touch(cases, entry.case_id, { wanted: false, missing, problem: missing ? null : message });
      return;
    }
    const waiting = await done(outbox.getAll());
    if (waiting.some((other) => other.case_id === entry.case_id && other.page === entry.page)) return;
    const draft = await done(drafts.get([entry.case_id, entry.page]));
    if (draft) drafts.put({ ...draft, settled: false, sent: null, problem });
  });
}

// There was no network: what waits for a case belongs to one batch, which the ledger is told of once.
export function late() {
  return change(["outbox"], async ({ outbox }) => {
    const waiting = await done(outbox.getAll());
    const batches = new Map(waiting.filter(({ batch }) => batch).map(({ case_id, batch }) => [case_id, batch]));
    for (const entry of waiting.filter(({ batch }) => !batch)) {
      if (!batches.has(entry.case_id)) batches.set(entry.case_id, crypto.randomUUID());
      outbox.put({ ...entry, batch: batches.get(entry.case_id) });
    }
  });
}

// A case begun elsewhere: its answers become drafts, except where this telephone has its own.
export function adopt({ values, ...state }, journey) {
  return change(EVERYTHING, async ({ cases, drafts }) => {
    const kept = await done(cases.get(state.case_id));
    cases.put({ touched: Date.now(), ...kept, ...state });
    for (const page of journey.pages) {
      const here = await done(drafts.get([state.case_id, page.name]));
      if (here || !values[page.name] || state.submitted) continue;
      const given = typedFrom(page, values[page.name]);
      drafts.put({ case_id: state.case_id, page: page.name, values: given, settled: true, sent: given });
    }
  });
}

export function remove(case_id) {
  return change(EVERYTHING, async ({ cases, drafts }) => {
    cases.delete(case_id);
    await clear(drafts, case_id);
  });
}

function fieldsOf(values) {
  return Object.entries(values).flatMap(([name, given]) => given.filter((value) => value !== "").map((value) => [name, value]));
}

function areSame(...answers) {
  const [one, other] = answers.map((values) => fieldsOf(values).map(([name, value]) => `${name} ${value.lastModified ?? value}`).sort());
  return JSON.stringify(one) === JSON.stringify(other);
}

async function queue(outbox, entry) {
  const waiting = (await done(outbox.getAll())).find((other) => other.case_id === entry.case_id && other.batch);
  const batch = waiting?.batch ?? (navigator.onLine ? null : crypto.randomUUID());
  outbox.add({ ...entry, batch, command_id: crypto.randomUUID(), occurred_at: new Date().toISOString() });
}

async function touch(cases, case_id, changes) {
  const kept = await done(cases.get(case_id));
  if (kept) cases.put({ ...kept, ...changes, touched: Date.now() });
}

async function clear(drafts, case_id) {
  const keys = await done(drafts.getAllKeys());
  for (const key of keys) if (key[0] === case_id) drafts.delete(key);
}
