// What this subscriber makes of the events: how many requests began on each channel, service by service. Pure.

const OPENED = "fr.collectivilab.case-opened.v1";

export function noFigures() {
  return {};
}

// Returns the figures after one more event; the same figures, where an event does not concern them.
export function fold(figures, event) {
  if (event.type !== OPENED) return figures;
  const { service, channel } = event.data;
  const opened = figures[service] ?? {};
  return { ...figures, [service]: { ...opened, [channel]: (opened[channel] ?? 0) + 1 } };
}
