// The first page in a browser, with and without script, on a laptop and on a phone: facts in, an answer out, nothing
// typed is lost and no fact stands in an address.
// Usage: node generated/form.js http://127.0.0.1:8080

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { inBrowser } from "./browser.js";

const baseUrl = process.argv[2];
assert(baseUrl, "usage: form.js URL");

const field = (page: Page, pointer: string) => page.locator(`[name="${pointer}"]`);
const choose = (page: Page, pointer: string, value: string) => page.locator(`[name="${pointer}"][value="${value}"]`).check();

/** No part of the page is wider than the screen. */
async function fits(page: Page): Promise<void> {
  const box = await page.locator("main").boundingBox();
  const width = page.viewportSize()?.width ?? 0;
  assert(box && box.width <= width, `main is wider than ${width}`);
}

async function fillIn(page: Page): Promise<void> {
  await page.goto(`${baseUrl}/?lang=vi`);
  await field(page, "/people/0/born_on").fill("02/05/1980");
  const words: Record<string, string> = {
    citizenship: "vietnamese", residence: "permanent", employment: "self_employed", pension: "none",
    social_allowance: "none", merit: "none", merit_relations: "none", "disability/severity": "none", studying: "none",
  };
  for (const [fact, word] of Object.entries(words)) await field(page, `/people/0/${fact}`).selectOption(word);
  for (const fact of ["ethnic_minority", "has_health_card", "veteran"]) await choose(page, `/people/0/${fact}`, "false");
  await field(page, "/household/unit").selectOption({ label: "Hoàn Kiếm" });
  await field(page, "/household/poverty_status").selectOption("near_poor");
  await field(page, "/household/area_class").selectOption("normal");
  await field(page, "/household/livelihood").selectOption("other");
  await field(page, "/as_of").fill("2026-01-14");
  // Enter sends the form as its button does.
  await field(page, "/as_of").press("Enter");
}

async function visit(page: Page): Promise<void> {
  await fillIn(page);
  const card = page.locator(".card").first();
  await card.waitFor();
  assert.equal(await card.locator(".badge").innerText(), "Được hưởng");
  assert.equal(await card.locator(".headline").innerText(), "Được hỗ trợ 100% mức đóng, 105.300 đồng mỗi tháng");
  assert.equal(page.url(), `${baseUrl}/?lang=vi#answer`);
  assert.equal(await field(page, "/people/0/born_on").inputValue(), "02/05/1980");
  await fits(page);
  await card.locator(".why > summary").click();
  await card.locator(".reasons").first().waitFor();

  // The other language keeps what was typed.
  await page.locator("header nav button").click();
  await page.getByRole("heading", { name: "The answer" }).waitFor();
  assert.equal(await page.locator(".headline").first().innerText(), "100% of the premium is paid, 105,300 VND a month");
  assert.equal(await field(page, "/household/unit").inputValue(), "00070");

  // One more person, with a mistake.
  await page.getByRole("button", { name: "Add a member" }).click();
  await field(page, "/people/1/id").fill("mother");
  await field(page, "/people/1/born_on").fill("31/02/1956");
  await page.getByRole("button", { name: "Show the entitlements" }).last().click();
  await page.locator(".errors").waitFor();
  await page.locator(".errors a").click();
  assert(page.url().endsWith("#f-people-1-born_on"));
  await field(page, "/people/1/born_on").fill("03/1953");
  await page.getByRole("button", { name: "Show the entitlements" }).last().click();
  await page.locator(".answer-person").nth(1).waitFor();
  assert.equal(await page.locator(".answer-person h3").nth(1).innerText(), "mother");
  assert.equal(await field(page, "/people/0/born_on").inputValue(), "02/05/1980");
  await fits(page);
}

for (const javaScriptEnabled of [true, false]) {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    // That a page came with 422 is no fault of the page.
    await inBrowser(baseUrl, visit, { javaScriptEnabled, viewport }, /status of 422/);
  }
}

// All examples, wide and narrow, in both schemes.
for (const colorScheme of ["light", "dark"] as const) {
  await inBrowser(baseUrl, async (page) => {
    await page.goto(`${baseUrl}/?lang=en`);
    const examples = await page.locator(".examples a").count();
    assert(examples >= 5);
    for (let at = 0; at < examples; at++) {
      await page.locator(".examples a").nth(at).click();
      await page.locator(".card").first().waitFor();
      assert.equal(await page.locator(".card").count(), 2);
      await fits(page);
    }
  }, { colorScheme, viewport: { width: 390, height: 844 } });
}

console.log("form: ok");
