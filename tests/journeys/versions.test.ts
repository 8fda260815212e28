/* A version gets a label, an older one is restored, and the restore is taken back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;

describe("versions of a database", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let database: string;
  let token: string;
  let session: string;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const mine = await kliv.makeTeam("versions");
    token = mine.token;
    const csv = (n: number) => Buffer.from(`n\n${n}\n`);
    const headers = { "x-filename": "sales.csv" };
    database = (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=Sales`, { token, body: csv(1), headers })).json.id;
    await kliv.api("PUT", `/api/v1/databases/${database}/contents`, { token, body: csv(2), headers });
    session = await kliv.makeSession("versions@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(`${kliv.config.origin}/databases/${database}`);
      await work(page);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const current = async (): Promise<unknown> => (await kliv.api("POST", `/api/v1/databases/${database}/query`, { token, body: { sql: "select n from sales" } })).json.rows[0][0];

  it("is labelled, restored and taken back", () =>
    open({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Label: Version 1" }).click();
      await page.getByLabel("Label", { exact: true }).fill("As filed");
      await page.getByLabel("Note").fill("Closing 2026");
      await shoot(page, "versions-label");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Version 1 · As filed").waitFor();
      await page.getByRole("button", { name: "Restore: Version 1" }).click();
      await page.getByText("The contents of version 1 are current again").waitFor();
      await page.getByText("contents of version 1", { exact: false }).first().waitFor();
      assert.equal(await current(), 1);
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "versions-restored");
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByText("Version 4").waitFor();
      assert.equal(await current(), 2);
    }));

  it("in Japanese, on a phone in the dark", () =>
    open({ locale: "ja-JP", viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page) => {
      await page.getByRole("button", { name: "ラベル: バージョン 2" }).click();
      await page.getByText("バージョン 2 にラベルを付ける").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "復元: バージョン 2" }).waitFor();
      await shoot(page, "versions-ja");
    }));
});
