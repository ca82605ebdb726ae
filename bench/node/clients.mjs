// Clients that do the same work over and over, and the contact that each of them records: as bench/clients.py does.

const WARM_UP_SHARE = 0.2;
export const CASES = 300;
export const EVENTS_BEFORE = 20;
export const FIELDS = {
  interaction_id: "0192f0c4-5d7e-7c3a-9f2b-6a1d3e5c7b90",
  channel: "telephone",
  direction: "in",
  agent: "pau.accueil.3",
  summary: "L’usagère demande où en est son dossier ; on lui dit quelles pièces manquent encore.",
  occurred_at: "2026-11-22T10:11:12+00:00",
};

/** Let so many clients await `work(client, rank)` again and again, then print the figures and end. */
export async function measure(work, clients, seconds) {
  const countsFrom = performance.now() + seconds * WARM_UP_SHARE * 1000;
  const endsAt = countsFrom + seconds * 1000;
  const latencies = [];
  const client = async (number) => {
    for (let rank = 0; performance.now() < endsAt; rank += 1) {
      const started = performance.now();
      await work(number, rank);
      const ended = performance.now();
      if (countsFrom <= ended && ended < endsAt) latencies.push(ended - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  latencies.sort((one, other) => one - other);
  const share = (percent) => latencies[Math.max(0, Math.ceil((latencies.length * percent) / 100) - 1)];
  console.log(JSON.stringify({ value: latencies.length / seconds, p50_ms: share(50), p99_ms: share(99) }));
  process.exit(0);
}

/** Each client has cases of its own, so that none contradicts another. */
export const caseOf = (clients, number, rank) => {
  const mine = Math.floor((CASES - 1 - number) / clients) + 1;
  return number + clients * (rank % mine);
};
