// What the reader does: types, continues, sends, begins, resumes, removes. What is typed is kept before anything else.

import { valuesIn, wrongIn } from "./answers.js";
import { adopt, answer, begin, remove, submit, typed } from "./keeping.js";
import { sendNow } from "./outbox.js";
import { showProblem } from "./screens.js";
import { nextPage } from "./steps.js";

const PATIENCE_MS = 4_000;

export function listen(room, app) {
  room.addEventListener("input", (event) => typing(app, event));
  room.addEventListener("submit", (event) => pressed(app, event));
  room.addEventListener("click", (event) => clicked(app, event));
}

async function typing(app, event) {
  const { case_id, page } = app.place();
  if (!page || !event.target.form) return;
  await typed(case_id, page.name, valuesIn(event.target.form));
  await app.refresh();
}

function pressed(app, event) {
  event.preventDefault();
  if (event.target.matches(".resume")) return resume(app, event.target);
  const { case_id, page } = app.place();
  return page ? goOn(app, { case_id, page, form: event.target }) : send(app, case_id);
}

async function clicked(app, event) {
  const button = event.target.closest("button[data-begin], button[data-remove]");
  if (!button) return;
  if (button.dataset.remove) {
    if (confirm(app.journey.words["mobile.remove-sure"])) await remove(button.dataset.remove);
    await app.refresh();
    return;
  }
  button.disabled = true;
  const case_id = await begin();
  sendNow();
  await app.go(case_id, "next");
}

async function goOn(app, { case_id, page, form }) {
  const values = valuesIn(form);
  const errors = wrongIn(page, values);
  if (Object.keys(errors).length) {
    showProblem({ errors });
    return;
  }
  await answer(case_id, page.name, values);
  await app.refresh();
  await sentSoon();
  const { kept, drafts } = await app.known(case_id);
  if (drafts.get(page.name)?.problem || app.place().page !== page) return;
  await app.go(case_id, nextPage(app.journey, kept, drafts, page.name)?.name ?? "check");
}

async function send(app, case_id) {
  await submit(case_id);
  await app.refresh();
  sendNow();
}

// With a network, the server's answer is waited for, for it may ask a page that depends on this one; but not for long.
function sentSoon() {
  const sending = sendNow();
  if (!navigator.onLine) return null;
  return Promise.race([sending, new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); })]);
}

async function resume(app, form) {
  const body = new URLSearchParams({ reference: form.elements.reference.value });
  try {
    const found = await fetch(`${app.home}/resume`, { method: "POST", body });
    const said = await found.json();
    if (!found.ok) return showProblem({ errors: { reference: said.message } });
    await adopt(said, app.journey);
    return app.go(said.case_id, "next");
  } catch {
    return showProblem({ errors: { reference: app.journey.words["mobile.no-network"] } });
  }
}
