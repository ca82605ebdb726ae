// Emmett on any of its stores: aggregate the stream, then append one event that expects the version read.
import { randomUUID } from "node:crypto";
import { CASES, EVENTS_BEFORE, FIELDS, caseOf, measure } from "./clients.mjs";

const contact = { type: "InteractionRecorded", data: FIELDS };
const evolve = (state) => ({ contacts: state.contacts + 1 });
const initialState = () => ({ contacts: 0 });

export async function commands(store, clients, seconds) {
  const streams = Array.from({ length: CASES }, () => `case-${randomUUID()}`);
  for (const stream of streams) await store.appendToStream(stream, Array(EVENTS_BEFORE + 1).fill(contact));
  await measure(
    async (number, rank) => {
      const stream = streams[caseOf(clients, number, rank)];
      const found = await store.aggregateStream(stream, { evolve, initialState });
      await store.appendToStream(stream, [contact], { expectedStreamVersion: found.currentStreamVersion });
    },
    clients,
    seconds,
  );
}
