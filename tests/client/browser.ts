// A headless Chromium under our strict Content-Security-Policy: pages work, nothing is blocked, nothing is fetched
// from another address.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Runs `visit` in a fresh profile and fails on anything the page complains about or fetches from elsewhere, other than
 * what is `expected`.
 */
export async function inBrowser(
  baseUrl: string,
  visit: (page: Page, context: BrowserContext) => Promise<void>,
  options: BrowserContextOptions = {},
  expected?: RegExp,
): Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "an-sinh-browser-"));
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  const context = await chromium.launchPersistentContext(profile, { ...options, executablePath, args: FLAGS });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      const text = message.text();
      if (["error", "warning"].includes(message.type()) && !expected?.test(text)) complaints.push(text);
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const url = request.url();
      const own = url.startsWith(baseUrl) || url.startsWith("data:") || url.startsWith("blob:");
      if (!own) complaints.push(`fetches ${url}`);
    });
    await visit(page, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
