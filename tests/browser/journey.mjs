// Walks the journey of a prototype: half of it on the web, by keyboard alone, the rest with an agent, on one case.
// Each page is looked at twice: in French, light and wide, where it is filled; in English, dark and narrow, beside it.
// Usage: node journey.mjs BASE_URL FOLDER PLAN CHANNEL; CHROMIUM names the browser.

import { asked, base, check, isTrue, picture, violations, watch, withBrowser } from "./checks.mjs";

const STOPS_MAX = 120;
const PAGES_MAX = 30;
const [planText, channel] = asked;
const HERE = { language: "fr", theme: "light", width: 1280 };
const BESIDE = { language: "en", theme: "dark", width: 320 };
const { language } = HERE;
const plan = JSON.parse(planText);
const order = Object.keys(plan);

async function look(page, name, way) {
  name = `${name} (${Object.values(way).join(", ")})`;
  check(`${name} is accessible`, await violations(page));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  isTrue(`${name} fits`, wide <= 0, `it scrolls sideways by ${wide} px`);
  isTrue(`${name} says its language`, (await page.locator("html").getAttribute("lang")) === way.language);
  await picture(page, `${name}-${Object.values(way).join("-")}`);
}

// The Tab key until a control is reached, as somebody does who has no mouse.
async function reach(page, selector) {
  for (let i = 0; i < STOPS_MAX; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`${selector} is not reached by keyboard on ${page.url()}`);
}

async function type(page, selector, text) {
  await reach(page, selector);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

async function choose(page, name, codes) {
  for (const code of codes) {
    const option = `[name="${name}"][value="${code}"]`;
    const radio = (await page.locator(option).getAttribute("type")) === "radio";
    if (!radio) {
      await reach(page, option);
      if (!(await page.locator(option).isChecked())) await page.keyboard.press("Space");
      continue;
    }
    // A group of radios is one stop; the arrows go from one to the next.
    await reach(page, `[name="${name}"]`);
    for (let i = 0; i < STOPS_MAX && !(await page.locator(option).isChecked()); i += 1) {
      await page.keyboard.press(i ? "ArrowDown" : "Space");
    }
  }
}

async function answer(page, { name, kind, value }) {
  if (kind === "date") {
    const [year, month, day] = value.split("-");
    for (const [part, text] of [["day", day], ["month", month], ["year", year]]) await type(page, `[name="${name}-${part}"]`, text);
  } else if (["yes_no", "choices"].includes(kind) || await page.locator(`input[type=radio][name="${name}"]`).count()) {
    await choose(page, name, [value].flat());
  } else if (kind === "choice") {
    await reach(page, `select[name="${name}"]`);
    await page.locator(`select[name="${name}"]`).selectOption(value);
  } else if (kind !== "file") {
    await type(page, `[name="${name}"]`, value);
  }
}

async function send(page, selector) {
  await reach(page, selector);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
}

async function fill(page) {
  const name = new URL(page.url()).pathname.split("/").at(-1);
  // In the order of the page: the Tab key only goes forward.
  const inOrder = await page.evaluate(() => [...document.querySelectorAll("main [name]")].map((e) => e.name.replace(/-(day|month|year)$/, "")));
  const answers = [...plan[name]].sort((a, b) => inOrder.indexOf(a.name) - inOrder.indexOf(b.name));
  for (const given of answers) await answer(page, given);
  await send(page, "main form button");
  return name;
}

const onPage = (page) => order.includes(new URL(page.url()).pathname.split("/").at(-1));

await withBrowser(async (browser) => {
  const [page, mirror] = await Promise.all([HERE, BESIDE].map(async ({ width, theme, language: locale }) => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme, locale });
    const opened = await context.newPage();
    opened.setDefaultTimeout(15_000);
    return opened;
  }));
  const seen = watch(page);
  const seenBeside = watch(mirror);
  const lookTwice = async (name) => {
    await look(page, name, HERE);
    await mirror.goto(page.url().replace(`${base}/${HERE.language}`, `${base}/${BESIDE.language}`));
    await look(mirror, name, BESIDE);
  };

  await page.goto(`${base}/${language}`);
  await lookTwice("start");
  await send(page, "main form[action$=start] button");
  const caseId = page.url().match(/case\/([0-9a-f-]+)/)[1];

  const half = Math.max(1, Math.floor(order.length / 2));
  for (let i = 0; i < half && onPage(page); i += 1) {
    await lookTwice(`web-${new URL(page.url()).pathname.split("/").at(-1)}`);
    await fill(page);
  }

  // Another person, another machine: an agent finds the case by its reference and goes on with the citizen.
  const reference = (await page.locator(".saved").textContent()).match(/[A-Z0-9]{3}-[A-Z0-9]{3}/)[0];
  await page.goto(`${base}/${language}/desk`);
  await lookTwice("desk");
  await type(page, "#reference", reference);
  await send(page, "form[action$=find] button");
  await lookTwice("desk-case");
  isTrue("the agent finds the same case", page.url().includes(caseId), page.url());
  await page.goto(`${base}/${language}/desk/case/${caseId}?channel=${channel}`);
  const following = page.locator(`a[href*="/desk/case/${caseId}/page/"].primary`);
  if (await following.count()) {
    await page.goto(new URL(await following.getAttribute("href"), base).href);
    for (let i = 0; i < PAGES_MAX && onPage(page); i += 1) {
      await lookTwice(`desk-${new URL(page.url()).pathname.split("/").at(-1)}`);
      await fill(page);
    }
  }
  await send(page, "form[action$=submit] button");
  await lookTwice("desk-submitted");
  await type(page, "#message", "Bonjour");
  await send(page, "form[action$=write] button");

  await page.goto(`${base}/${language}/case/${caseId}/done`);
  await lookTwice("done");
  const told = await (await fetch(`${base}/told/${caseId}`)).json();
  isTrue("the request was sent", told.submitted);
  isTrue("the case went through both channels", ["web", channel].every((each) => told.channels.includes(each)), told.channels.join());
  isTrue("nothing was recorded twice", told.names.filter((each) => each === "request-submitted.v1").length === 1);
  check("nothing was asked of other hosts", [...seen.outside, ...seenBeside.outside]);
  check("the console stayed quiet", [...seen.errors, ...seenBeside.errors]);
});
