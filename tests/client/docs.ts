// The browsable documentation, offline: it shows every operation and tries one out.
// Usage: node generated/docs.js http://127.0.0.1:8080

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inBrowser } from "./browser.js";

const baseUrl = process.argv[2];
assert(baseUrl, "usage: docs.js URL");

const document = JSON.parse(readFileSync("../../openapi/an-sinh.json", "utf8"));
const operations = Object.values(document.paths as Record<string, object>).flatMap((item) => Object.keys(item));

await inBrowser(baseUrl, async (page) => {
  await page.goto(`${baseUrl}/docs`);
  await page.locator(".opblock").first().waitFor();
  assert.equal(await page.locator(".opblock").count(), operations.length);

  const evaluate = page.locator("#operations-evaluations-evaluate");
  await evaluate.locator(".opblock-summary-control").click();
  await evaluate.locator("button.execute").click();
  const status = evaluate.locator(".live-responses-table .response-col_status").last();
  await status.waitFor();
  assert.match(await status.innerText(), /^200/);
});

console.log("docs: ok");
