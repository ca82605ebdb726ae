// What both scripts share: a browser, checks that are counted, and a last line that says how many passed.

import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

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
