// Messages as the stream gives them: their place, and the event that they carry.

const AT = "2026-09-01T08:30:00Z";

function message(seq, deliverySequence, tag, data) {
  const event = {
    specversion: "1.0",
    id: `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
    source: "https://collectivilab.example/ledger/authorities/216404459",
    type: `fr.collectivilab.${tag}`,
    time: AT,
    sequence: String(seq).padStart(20, "0"),
    datacontenttype: "application/json",
    data: { event: tag, occurred_at: AT, ...data },
  };
  return { seq, info: { deliverySequence }, json: () => structuredClone(event) };
}

// Positions have gaps, for this stream holds only some events of the ledger; deliveries have none.
export const stream = [
  message(1, 1, "authority-registered.v1", { authority: "216404459", name: "Ville de Pau", kind: "commune" }),
  message(2, 2, "case-opened.v1", { service: "restauration-scolaire", channel: "counter" }),
  message(3, 3, "interaction-recorded.v1", { channel: "counter", direction: "in" }),
  message(5, 4, "case-opened.v1", { service: "restauration-scolaire", channel: "web" }),
  message(8, 5, "case-opened.v1", { service: "etat-civil", channel: "web" }),
  message(9, 6, "case-opened.v1", { service: "restauration-scolaire", channel: "web" }),
];

// What another consumer delivers, when the stream is read again after a position: it counts from 1.
export function readAgain(position) {
  const left = stream.filter(({ seq }) => seq > position);
  return left.map((message, index) => ({ ...message, info: { deliverySequence: index + 1 } }));
}

export const figures = {
  "restauration-scolaire": { counter: 1, web: 2 },
  "etat-civil": { web: 1 },
};
