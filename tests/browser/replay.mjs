// Opens a recording from a disk, plays it by mouse and by keyboard, and says how many checks passed.
// Usage: node replay.mjs FILE_URL FOLDER; CHROMIUM names the browser.

import { base, check, isTrue, picture, violations, withBrowser } from "./checks.mjs";

const SIZES = [{ width: 1280, height: 900 }, { width: 320, height: 700 }];

async function open(browser, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { requests: [], errors: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (message) => { if (message.type() === "error") seen.errors.push(message.text()); });
  await page.goto(base);
  return { page, seen, context };
}

const at = (page) => page.locator("#line").inputValue().then(Number);
const last = (page) => page.locator("#line").getAttribute("max").then(Number);
const shown = (page) => page.locator(".moment:visible").count();

async function looks(browser, size, colorScheme) {
  const title = `${size.width} ${colorScheme}`;
  const { page, seen, context } = await open(browser, { viewport: size, colorScheme });
  for (const place of ["Home", "End"]) {
    await page.locator("#line").press(place);
    check(`${title} ${place} is accessible`, await violations(page, { iframes: false }));
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    isTrue(`${title} ${place} fits`, wide <= room, `${wide} > ${room}`);
    await picture(page, `replay-${size.width}-${colorScheme}-${place}`);
  }
  check(`${title} asks for nothing but itself`, seen.requests.filter((url) => url !== base && url !== "about:srcdoc"));
  check(`${title} has no error`, seen.errors);
  await context.close();
}

async function stepsAndKeys(browser) {
  const { page, context } = await open(browser);
  isTrue("it says nothing of scripts where they run", await page.locator(".without-script").isHidden());
  isTrue("it begins at the beginning", (await at(page)) === 0 && (await shown(page)) === 1);
  await page.click("#next");
  isTrue("a step on shows one more", (await at(page)) === 1 && (await shown(page)) >= 2);
  await page.locator("#story").focus();
  await page.keyboard.press("ArrowRight");
  isTrue("an arrow is a step on", (await at(page)) === 2);
  await page.keyboard.press("ArrowLeft");
  isTrue("an arrow is a step back", (await at(page)) === 1);
  await page.keyboard.press("End");
  isTrue("End is the end", (await at(page)) === (await last(page)));
  isTrue("everything is shown then", (await shown(page)) === (await page.locator(".moment").count()));
  isTrue("there is no next one", await page.locator("#next").isDisabled());
  const second = page.locator(".moment:has(a) a").nth(1);
  await second.click();
  isTrue("a time leads to its step", (await at(page)) === 1);
  await page.locator("#line").press("ArrowRight");
  isTrue("the line is moved by keys too", (await at(page)) === 2);
  await context.close();
}

async function plays(browser, reducedMotion) {
  const { page, context } = await open(browser, { reducedMotion });
  await page.selectOption("#speed", "8");
  await page.locator("#story").focus();
  await page.keyboard.press(" ");
  isTrue("it plays", await page.evaluate(() => document.body.classList.contains("is-playing")));
  isTrue("the button offers to pause", (await page.locator("#play").innerText()).trim() === "Pause");
  await page.waitForFunction(() => !document.body.classList.contains("is-playing"), null, { timeout: 60_000 });
  isTrue("it stops at the end", (await at(page)) === (await last(page)));
  await page.click("#play");
  await page.click("#play");
  isTrue("it plays again from the beginning, and pauses", (await at(page)) < (await last(page)) && !(await page.evaluate(() => document.body.classList.contains("is-playing"))));
  await context.close();
}

async function pageInTheFrame(browser) {
  const { page, seen, context } = await open(browser);
  await page.locator("#line").press("End");
  const frame = page.frameLocator("#shown");
  await frame.locator("h1").waitFor();
  isTrue("the last page is in the frame", (await frame.locator("html").getAttribute("lang")) === "en");
  isTrue("it wears the look", (await frame.locator("body").evaluate((body) => getComputedStyle(body).display)) === "flex");
  isTrue("it can do nothing", (await page.locator("#shown").getAttribute("sandbox")) === "");
  isTrue("it leads nowhere", (await frame.locator("[href], [action], [src]").count()) === 0);
  while ((await frame.locator("button").count()) === 0 && (await at(page)) > 0) await page.click("#previous");
  await frame.locator("button").first().click();
  await page.waitForTimeout(200);
  check("a button in it sends nothing", seen.requests.filter((url) => url !== base && url !== "about:srcdoc"));
  isTrue("what somebody wrote runs nowhere", !(await page.title()).includes("taken"));
  isTrue("what somebody wrote is shown", await page.locator("#entries").evaluate((list) => list.textContent.includes("<script>")));
  await context.close();
}

async function languages(browser) {
  const { page, context } = await open(browser);
  isTrue("it begins in French", (await page.locator("h1").innerText()) === "Un essai, pas à pas");
  await page.locator("#in-en").check();
  isTrue("it speaks English", (await page.locator("h1").innerText()) === "A trial, step by step");
  isTrue("it says so", (await page.evaluate(() => document.documentElement.lang)) === "en");
  isTrue("what happened is told in English", await page.locator(".moment").first().innerText().then((text) => text.includes("Case opened")));
  await context.close();
}

async function withoutScripts(browser) {
  const { page, context } = await open(browser, { javaScriptEnabled: false });
  isTrue("everything is listed", (await page.locator(".moment:visible").count()) === (await page.locator(".moment").count()));
  isTrue("there is nothing to play with", (await page.locator("#controls").isHidden()) && (await page.locator("#stage").isHidden()));
  isTrue("it says why", await page.locator(".without-script").isVisible());
  await page.locator("#in-en").check();
  isTrue("it speaks English even so", (await page.locator("h1").innerText()) === "A trial, step by step");
  await context.close();
}

await withBrowser(async (browser) => {
  for (const [size, scheme] of [[SIZES[0], "light"], [SIZES[1], "dark"]]) await looks(browser, size, scheme);
  await stepsAndKeys(browser);
  await plays(browser, "no-preference");
  await plays(browser, "reduce");
  await pageInTheFrame(browser);
  await languages(browser);
  await withoutScripts(browser);
});
