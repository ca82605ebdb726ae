// Answers to one page: read from a form and put back, checked before they leave, said in words. The server checks again.

const FILE_SIZE_MAX_BYTES = 10_000_000;
const CHECKS = {
  number: (text) => /^-?\d+$/.test(plain(text)),
  money: (text) => /^\d+([.,]\d{1,2})?$/.test(plain(text)),
  email: (text) => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text),
  phone: (text) => /^\+?[0-9 .()-]{6,30}$/.test(text),
  file: (given) => typeof given === "string" || given.size <= FILE_SIZE_MAX_BYTES,
};
const PARTS = ["year", "month", "day"];

// What a form holds, as it would be sent: every value of every name; a file is in the place of the one before.
export function valuesIn(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") (values[name] ??= []).push(value);
    else if (value.size) values[name] = [value];
  }
  return values;
}

export function fill(form, values) {
  for (const field of [...form.elements].filter(({ name }) => values[name]?.length)) {
    const given = values[field.name];
    if (field.type === "file") fillFile(field, given[0]);
    else if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else [field.value] = given;
  }
}

// A file that waits here is chosen again; one that was sent already is named by its digest.
function fillFile(field, given) {
  if (typeof given === "string") {
    field.before(Object.assign(document.createElement("input"), { type: "hidden", name: field.name, value: given }));
    return;
  }
  const chosen = new DataTransfer();
  chosen.items.add(given);
  field.files = chosen.files;
}

// Answers as the server gives them, in the fields of a form: a day is three of them.
export function typedFrom(page, values) {
  const typed = {};
  for (const { name, kind } of page.questions) {
    const value = values[name];
    if (value === undefined) continue;
    if (kind === "date") PARTS.forEach((part, rank) => { typed[`${name}-${part}`] = [String(+value.split("-")[rank])]; });
    else typed[name] = [value].flat().map(String);
  }
  return typed;
}

// What is wrong, in words, by question; an empty object when nothing is.
export function wrongIn(page, values) {
  const problems = {};
  for (const question of page.questions) {
    const given = givenTo(question, values);
    const { empty, otherwise } = page.wrong[question.name];
    if (!given.length && question.required) problems[question.name] = empty;
    else if (given.length && !fits(question, given)) problems[question.name] = otherwise;
  }
  return problems;
}

export function inWords(question, values, journey) {
  const given = givenTo(question, values);
  if (!given.length) return "";
  if (question.kind === "date") return dayIn(given).toLocaleDateString(journey.language, { dateStyle: "long", timeZone: "UTC" });
  if (question.kind === "yes_no") return journey.words[`answer.${given[0]}`];
  if (question.kind === "file") return given[0].name ?? journey.words["documents.attached"];
  const labels = Object.fromEntries(question.options);
  const said = given.map((value) => labels[value] ?? value).join(", ");
  return question.unit ? `${said} ${question.unit}` : said;
}

function givenTo({ name, kind }, values) {
  const names = kind === "date" ? PARTS.map((part) => `${name}-${part}`) : [name];
  const given = names.flatMap((each) => values[each] ?? []).map((value) => (value.trim ? value.trim() : value));
  return given.some(Boolean) ? given.filter((value) => value || kind === "date") : [];
}

function fits(question, given) {
  if (question.kind === "date") return !Number.isNaN(dayIn(given).valueOf()) && dayIn(given).getUTCDate() === +given[2];
  return CHECKS[question.kind]?.(given[0]) ?? true;
}

function dayIn([year, month, day]) {
  const digits = /^\d{4}$/.test(year) && /^\d{1,2}$/.test(month) && /^\d{1,2}$/.test(day);
  return new Date(digits ? Date.UTC(+year, month - 1, +day) : NaN);
}

function plain(text) {
  return text.replace(/€$/, "").replace(/\s/g, "");
}
