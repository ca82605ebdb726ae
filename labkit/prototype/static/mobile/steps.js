// Which page comes next for a case, from the journey, what the server last said, and what this telephone keeps. Pure.
// Where only the server can tell whether a page is asked, it is asked once the server has said so.

export function askedPages(journey, kept) {
  return journey.pages.filter((page) => page.always || kept.asked.includes(page.name));
}

export function isSettled(page, kept, drafts) {
  const draft = drafts.get(page.name);
  return draft ? draft.settled : kept.answered.includes(page.name);
}

// The first page after `from` that is still to be answered, else the first of all; null when none is.
export function nextPage(journey, kept, drafts, from = null) {
  const pages = askedPages(journey, kept);
  const open = pages.filter((page) => !isSettled(page, kept, drafts));
  const place = pages.findIndex((page) => page.name === from);
  return open.find((page) => pages.indexOf(page) > place) ?? open[0] ?? null;
}

export function pageBefore(journey, kept, name) {
  const pages = askedPages(journey, kept);
  return pages[pages.findIndex((page) => page.name === name) - 1] ?? null;
}
