/* Somebody takes a table, and the answer to a question, along as files. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;
const endless = "with recursive c (x) as (select 1 union all select x + 1 from c) select x, hex(zeroblob(1000)) as y from c";

describe("downloads", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let database: string;
  let session: string;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const { team, token } = await kliv.makeTeam("exports");
    const csv = Buffer.from("name,people\n札幌,1973395\n那覇,317625\n=1+1,5\n");
    database = (await kliv.api("POST", `/api/v1/teams/${team}/databases?name=Cities`, { token, body: csv, headers: { "x-filename": encodeURIComponent("都市.csv") } })).json.id;
    session = await kliv.makeSession("exports@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (path: string, options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${kliv.config.origin}/databases/${database}${path}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
  };
  const taken = async (page: Page, click: () => Promise<void>): Promise<{ name: string; text: string }> => {
    const [download] = await Promise.all([page.waitForEvent("download"), click()]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
  };

  it("of a table, from its page", () =>
    open("", { locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Download 都市" }).waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await page.getByRole("button", { name: "Download 都市" }).click();
      await page.getByRole("menuitem", { name: "JSON Lines" }).waitFor();
      await shoot(page, "export-table");
      assert.deepEqual(await taken(page, () => page.getByRole("menuitem", { name: "JSON Lines" }).click()), { name: "都市.ndjson", text: '{"name":"札幌","people":1973395}\n{"name":"那覇","people":317625}\n{"name":"=1+1","people":5}\n' });
    }));

  it("of an answer: that which is shown, whatever is typed meanwhile", () =>
    open(`/query?sql=${encodeURIComponent("select name from 都市 where people < 400000")}`, { locale: "ja-JP", colorScheme: "dark" }, async (page) => {
      await page.getByRole("button", { name: "ダウンロード" }).waitFor();
      await page.locator(".cm-content").click();
      await page.keyboard.type(" and nothing");
      // By keyboard alone.
      await page.getByRole("button", { name: "ダウンロード" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menuitem", { name: "CSV（Excel用）" }).waitFor();
      await shoot(page, "export-answer-ja");
      const { name, text } = await taken(page, () => page.getByRole("menuitem", { name: "CSV（Excel用）" }).press("Enter"));
      assert.deepEqual([name, text], ["Cities.csv", "\ufeffname\r\n那覇\r\n'=1+1\r\n"]);
    }));

  it("says how much has arrived, can be stopped, and says what went wrong", () =>
    open(`/query?sql=${encodeURIComponent("select * from 都市")}`, { locale: "en-GB", viewport: { width: 390, height: 780 }, permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      // What the page asked is answered; what it downloads has no end.
      await page.route("**/query/export", (route) => {
        const asked = route.request().postDataJSON() as { format: string };
        return asked.format === "ndjson" ? route.continue({ postData: JSON.stringify({ ...asked, sql: endless }) }) : asked.format === "json" ? route.continue({ postData: JSON.stringify({ ...asked, sql: "select whom from 都市" }) }) : route.continue();
      });
      const pick = async (name: string): Promise<void> => {
        await page.getByRole("button", { name: "Download" }).click();
        await page.getByRole("menuitem", { name, exact: false }).click();
      };
      await pick("JSON Lines");
      await page.getByText(/MB so far/).waitFor();
      await shoot(page, "export-progress-phone");
      await page.getByRole("button", { name: "Stop" }).last().click();
      await page.getByText("Stopped; nothing was saved.").waitFor();
      await pick("JSON one array");
      await page.getByText("no such column: whom").waitFor();
      await pick("Copy for a spreadsheet");
      await page.getByText("Copied").waitFor();
      assert.equal(await page.evaluate(() => (navigator as unknown as { clipboard: { readText(): Promise<string> } }).clipboard.readText()), "name\tpeople\r\n札幌\t1973395\r\n那覇\t317625\r\n'=1+1\t5\r\n");
    }));
});
