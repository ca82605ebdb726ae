// Visits the sample pages of the look by day and by night, wide and narrow, and says how many checks passed.
// Usage: node look.mjs BASE_URL FOLDER PAGE …; CHROMIUM names the browser, and /pairs.json the colours that may meet.

import { asked, base, check, isTrue, picture, violations, watch, withBrowser } from "./checks.mjs";

const SIZES = [{ width: 1280, height: 900 }, { width: 320, height: 700 }];
const WAYS = [["light", SIZES[0]], ["dark", SIZES[1]]];
const pairs = await (await fetch(new URL("pairs.json", base))).json();

async function open(browser, path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = watch(page);
  await page.goto(new URL(path, base).href);
  await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
  return { page, seen, close: () => context.close() };
}

async function overflow(page) {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return [`scrolls sideways: ${wide.slice(0, 4).map((e) => e.outerHTML.slice(0, 90)).join(" | ")}`];
  });
}

async function strangePairs(page, known) {
  return page.evaluate((known) => {
    const hex = (colour) => `#${colour.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
    const behind = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const colour = getComputedStyle(e).backgroundColor;
        if (colour !== "rgba(0, 0, 0, 0)") return hex(colour);
      }
      return "nothing";
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const written = new Set(document.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea"));
    while (walker.nextNode()) {
      const holder = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && holder.checkVisibility() && !holder.closest("option")) written.add(holder);
    }
    const found = new Map();
    for (const element of written) {
      const pair = [hex(getComputedStyle(element).color), behind(element)];
      if (!known.some((two) => two.every((colour) => pair.includes(colour)))) found.set(String(pair), element.outerHTML.slice(0, 80));
    }
    return [...found].map(([pair, where]) => `${pair} meet in ${where}`);
  }, known);
}

async function smallTargets(page) {
  return page.evaluate(() => {
    const big = [...document.querySelectorAll("main .button, .choice, main select, textarea, main input:not([type=radio], [type=checkbox], [type=hidden])")];
    const small = [...document.querySelectorAll("nav a, summary, .lab a")];
    const under = (elements, size) => elements.filter((e) => e.checkVisibility()).filter((e) => { const box = e.getBoundingClientRect(); return box.width < size || box.height < size; });
    return [...under(big, 44), ...under(small, 24)].map((e) => `too small to touch: ${e.outerHTML.slice(0, 90)}`);
  });
}

async function visit(browser, name, scheme, size) {
  const title = `${name}-${scheme}-${size.width}`;
  const { page, seen, close } = await open(browser, `${name}.html`, { viewport: size, colorScheme: scheme });
  check(`${title} is accessible`, await violations(page));
  check(`${title} fits`, await overflow(page));
  check(`${title} puts no other colours together than the theme is checked for`, await strangePairs(page, pairs[scheme]));
  check(`${title} has targets of a good size`, await smallTargets(page));
  await picture(page, `${title}`);
  check(`${title} asks nothing of other hosts`, seen.outside);
  check(`${title} has a quiet console`, seen.errors);
  await close();
}

async function byKeyboard(browser, name) {
  const { page, close } = await open(browser, `${name}.html`, { viewport: SIZES[0] });
  const stops = await page.locator("a, summary, button, select, textarea, input:not([type=hidden])").count();
  const blind = [];
  for (let i = 0; i < stops; i += 1) {
    await page.keyboard.press("Tab");
    const told = await page.evaluate(() => {
      const stop = document.activeElement.closest(".choice") ?? document.activeElement;
      const style = getComputedStyle(stop);
      return { what: stop.outerHTML.slice(0, 80), ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    if (!told.ring && !told.what.startsWith("<body")) blind.push(`no focus ring on ${told.what}`);
  }
  check(`${name} shows where the focus is`, blind);
  await close();
}

async function inForcedColours(browser, name) {
  const { page, close } = await open(browser, `${name}.html`, { forcedColors: "active", reducedMotion: "reduce" });
  check(`${name} is accessible in forced colours`, await violations(page));
  await close();
}

async function chosenMode(browser, name) {
  const { page, close } = await open(browser, `${name}.html`, { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const day = await ground();
  await page.evaluate(() => { document.documentElement.dataset.theme = "dark"; });
  const night = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(() => { document.documentElement.dataset.theme = "light"; });
  isTrue("the chosen mode wins over the machine’s", day !== night && (await ground()) === day, `${day} ${night} ${await ground()}`);
  await close();
}

async function onPaper(browser, name) {
  const { page, close } = await open(browser, `${name}.html`, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const shown = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const beside = [];
    while (walker.nextNode()) {
      const holder = walker.currentNode.parentElement;
      if (walker.currentNode.data.trim() && holder.checkVisibility() && !holder.closest(".letter")) beside.push(walker.currentNode.data.trim());
    }
    return beside;
  });
  check("a letter prints alone", shown.map((text) => `${text} prints too`));
  isTrue("a letter fits on one page", ((await page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type \/Page\b/g) ?? []).length === 1);
  await close();
}

await withBrowser(async (browser) => {
  for (const name of asked) {
    for (const way of WAYS) await visit(browser, name, ...way);
    await byKeyboard(browser, name);
    await inForcedColours(browser, name);
    if (name.startsWith("letter")) await onPaper(browser, name);
  }
  await chosenMode(browser, asked[0]);
});
