/* The pages on which Kliv says what it promises and how it is, as a security reviewer meets them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();

describe("the trust and status pages", { skip: "missing" in found ? found.missing : false }, () => {
  let kliv: TestServer;
  let browser: Browser;
  before(async () => {
    kliv = await startTestServer();
    await kliv.running.app.rooms.checker.run({ ids: ["TLS-2", "PORT-2"] });
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (path: string, options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      await page.goto(`https://localhost:${kliv.config.port}${path}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };

  it("shows all 74 promises and their evidence without scripts, and a link leads to each", () =>
    open("/trust", { javaScriptEnabled: false, locale: "en-GB" }, async (page) => {
      assert.equal(await page.locator(".trust-promise").count(), 74);
      assert.deepEqual(await page.locator("header .trust-number").allTextContents(), ["2", "0", "71", "1"]);
      const port = page.locator("#PORT-2");
      await port.getByRole("link", { name: "PORT-2" }).click();
      assert.match(page.url(), /#PORT-2$/);
      assert.equal(await port.locator(".trust-facts").isVisible(), false);
      await port.locator("summary").click();
      assert.match(await port.locator(".trust-facts").innerText(), /Passes SQLite's integrity check\s+yes/);
      await page.locator(".trust-legend summary").click();
      assert.match(await page.locator(".trust-legend").innerText(), /Unknown does not mean kept/);
    }));

  it("speaks the browser's language, switches, and remembers the choice", () =>
    open("/trust", { locale: "ja-JP" }, async (page) => {
      assert.equal(await page.locator("h1").innerText(), "セキュリティの約束");
      await page.getByRole("link", { name: "English" }).click();
      assert.equal(await page.locator("h1").innerText(), "Trust");
      await page.goto(`https://localhost:${kliv.config.port}/status`);
      assert.equal(await page.locator("h1").innerText(), "Status");
    }));

  for (const path of ["/trust", "/trust/subprocessors", "/status"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`${path} is accessible (${colorScheme}), and needs no sideways scrolling on the narrowest phone`, () =>
        open(path, { colorScheme, locale: colorScheme === "dark" ? "ja-JP" : "en-GB", viewport: { width: 320, height: 640 } }, async (page) => {
          await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
          assert.deepEqual(await axeFindings(page), []);
          assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 320);
        }));
    }
  }
});
