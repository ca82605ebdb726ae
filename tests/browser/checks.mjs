// What the scripts share: a browser, axe, checks that are counted, and a last line that says how many passed.
// SHOTS=1 keeps a picture of each page in FOLDER.

import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "RGAAv4", "best-practice"],
  resultTypes: ["violations"],
  preload: false,
};

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const results = { passed: 0, failed: 0 };

export const [base, folder, ...asked] = process.argv.slice(2);

export function check(name, problems) {
  if (problems.length === 0) {
    results.passed += 1;
    return;
  }
  results.failed += 1;
  for (const problem of problems) console.log(`FAILED ${name}: ${problem}`);
}

export function isTrue(name, holds, otherwise = "it is not so") {
  check(name, holds ? [] : [otherwise]);
}

export async function violations(page, options = {}) {
  // Over the page's own policy, which rightly refuses any script that is not its own.
  await page.evaluate(AXE);
  const found = await page.evaluate((rules) => axe.run(document, rules), { ...RULES, ...options });
  const told = ({ target, any }) => `${target} ${any[0]?.message ?? ""}`;
  return found.violations.map(({ id, nodes }) => `${id} at ${nodes.slice(0, 3).map(told).join(" | ")}`);
}

export async function picture(page, name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

export function watch(page) {
  const seen = { outside: [], errors: [] };
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && !LOOPBACK.has(url.hostname)) seen.outside.push(request.url());
  });
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("console", (message) => {
    const expected = message.text().includes("404") && message.location().url === page.url();
    if (message.type() === "error" && !expected) seen.errors.push(message.text());
  });
  return seen;
}

export async function withBrowser(work) {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
  console.log(`${results.passed} passed, ${results.failed} failed`);
  process.exitCode = results.failed ? 1 : 0;
}
