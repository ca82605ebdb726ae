// The mobile application: it starts, and shows the screen that the address names; what was sent or came back moves it.

import { listen } from "./acts.js";
import { adopt } from "./keeping.js";
import { startSending } from "./outbox.js";
import * as screens from "./screens.js";
import { nextPage } from "./steps.js";
import { all, get, openStore } from "./store.js";

const language = document.documentElement.lang;
const home = `/${language}/m`;
const room = document.querySelector("main");
const tabs = new BroadcastChannel("mobile");

const app = { home, journey: null, go, known, place, refresh };
let shown = "";

async function start() {
  if (!isSecureContext || !navigator.serviceWorker || !navigator.locks) return leave();
  navigator.serviceWorker.register("/sw.js", { scope: home }).catch(() => {
    // A browser that was told to keep no site data: the application works as long as there is a network.
  });
  const given = await fetch(`${home}/journey.json`);
  if (!given.ok) return;
  app.journey = { ...(await given.json()), language };
  try {
    await openStore(app.journey.service);
  } catch {
    return leave();
  }
  navigator.storage?.persist?.();
  document.querySelector(".identity").href = home;
  listen(room, app);
  window.addEventListener("hashchange", show);
  tabs.addEventListener("message", refresh);
  await comeWithCase();
  await show();
  startSending(() => { tabs.postMessage("moved"); return refresh(); });
}

// Without what this stands on (an address that is not secure, a browser that keeps nothing), the web journey serves.
function leave() {
  location.replace(`/${language}`);
}

// A link may name a case begun elsewhere: `?case=` and its identifier.
async function comeWithCase() {
  const case_id = new URLSearchParams(location.search).get("case");
  if (!case_id) return;
  try {
    const answer = await fetch(`${home}/case/${encodeURIComponent(case_id)}`);
    if (answer.ok) await adopt(await answer.json(), app.journey);
  } catch {
    // Without network, what this telephone knows of the case has to do.
  }
  history.replaceState(null, "", `${home}${screens.addressOf(case_id, "next")}`);
}

function place() {
  const [case_id, name] = location.hash.slice(1).split("/");
  return { case_id, page: app.journey.pages.find((page) => page.name === name) };
}

async function go(case_id, name) {
  const address = screens.addressOf(case_id, name);
  if (location.hash === address) await show();
  else location.hash = address;
}

async function known(case_id) {
  const kept = case_id ? await get("cases", case_id) : undefined;
  const drafts = (await all("drafts")).filter((draft) => draft.case_id === case_id);
  return { kept, drafts: new Map(drafts.map((draft) => [draft.page, draft])) };
}

// Which screen belongs to the address: a page that is named, else the next one, else the check of all answers.
function screenFor({ kept, drafts }) {
  const { page } = place();
  if (!kept) return { name: "home" };
  if (kept.submitted) return { name: "done" };
  if (kept.wanted) return { name: "waiting" };
  const next = page ?? nextPage(app.journey, kept, drafts);
  return next ? { name: "page", page: next } : { name: "check" };
}

async function show() {
  const { case_id } = place();
  const { kept, drafts } = await known(case_id);
  const { name, page } = screenFor({ kept, drafts });
  if (page && page !== place().page) return go(case_id, page.name);
  for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
  const draft = page && drafts.get(page.name);
  shown = name;
  screens.put(screens.screens[name]({ journey: app.journey, kept, drafts, page, cases: await cases() }));
  if (draft?.problem) screens.showProblem(draft.problem);
  else if (page && kept.missing === page.name) screens.showProblem({ message: app.journey.words["mobile.missing"] });
  await sayWhereItStands();
}

// Something was sent, came back, or moved in another tab. What the reader is writing is left as it is.
async function refresh() {
  const { case_id, page } = place();
  const { kept, drafts } = await known(case_id);
  const next = screenFor({ kept, drafts });
  const problem = page && drafts.get(page.name)?.problem;
  if (next.name !== shown || (shown === "check" && kept.problem)) return show();
  if (shown === "home") screens.showCases(app.journey, await cases());
  if (problem) screens.showProblem(problem);
  return sayWhereItStands();
}

async function cases() {
  const waiting = new Set((await all("outbox")).map((entry) => entry.case_id));
  const newest = (await all("cases")).sort((one, other) => other.touched - one.touched);
  return newest.map((kept) => ({ ...kept, waiting: waiting.has(kept.case_id) }));
}

async function sayWhereItStands() {
  const { case_id, page } = place();
  const { words, pages } = app.journey;
  const [drafts, outbox, kept] = [await all("drafts"), await all("outbox"), await all("cases")];
  const here = drafts.find((draft) => draft.case_id === case_id && draft.page === page?.name);
  const word = outbox.length ? "mobile.kept" : here && !here.settled ? "mobile.typed" : "mobile.sent";
  screens.sayKept(kept.length ? words[word] : "");
  const returned = drafts.filter((draft) => draft.problem && draft !== here);
  screens.sayReturned(returned.map((draft) => ({
    text: words["mobile.returned"],
    href: screens.addressOf(draft.case_id, draft.page),
    label: pages.find((each) => each.name === draft.page)?.title ?? draft.page,
  })));
}

start();
