/* JSON with objects inside, files that become one database, and what the import tells of them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;
const shops = Buffer.from(JSON.stringify({ total: 2, shops: [{ id: 1, name: "表参道", place: { lat: 35.66, lon: 139.71 }, tags: ["cafe", "wifi"], code: 7 }, { id: 2, name: "梅田", place: { lat: 34.7, lon: 135.5 }, code: "A07" }] }));
const sales = gzipSync("shop,amount\n1,1200\n2,980\n1,340\n");

describe("formats", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let session: string;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    mine = await kliv.makeTeam("formats");
    session = await kliv.makeSession("formats@example.com");
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
      await page.goto(`${kliv.config.origin}/databases/new`);
      await work(page);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const drop = (page: Page): Promise<void> =>
    page.getByTestId("files").first().setInputFiles([{ name: "shops.json", mimeType: "application/json", buffer: shops }, { name: "sales.csv.gz", mimeType: "application/gzip", buffer: sales }]);

  it("several files become one database, which tells what became of them", () =>
    open({ locale: "en-GB" }, async (page) => {
      await drop(page);
      await page.getByRole("button", { name: "All 2 into one database" }).click();
      await page.getByRole("button", { name: "Import", exact: true }).waitFor();
      await page.getByText("shops.json, sales.csv.gz").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "formats-joined");
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("link", { name: "Open", exact: true }).click();
      await page.getByRole("heading", { name: "shops", level: 1 }).waitFor();
      await page.getByText("shops.json: Columns with numbers and text, stored as text: 1 (code).").waitFor();
      await page.getByText("shops.json: Values beside the lists of rows, which are in no table: 1 (total).").waitFor();
      await shoot(page, "formats-database");
      const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/databases`, { token: mine.token })).json;
      const sql = 'select s."place.lat", sum(a.amount) from shops s join sales a on a.shop = s.id group by 1 order by 1';
      const asked = await kliv.api("POST", `/api/v1/databases/${items[0].id}/query`, { token: mine.token, body: { sql } });
      assert.deepEqual(asked.json.rows, [[34.7, 980], [35.66, 1540]]);
    }));

  it("in Japanese, on a phone", () =>
    open({ locale: "ja-JP", viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page) => {
      await drop(page);
      await page.getByRole("button", { name: "2件を1つのデータベースにまとめる" }).waitFor();
      await shoot(page, "formats-phone");
      await page.getByRole("button", { name: "2件を1つのデータベースにまとめる" }).click();
      await page.getByRole("button", { name: "取り込む", exact: true }).click();
      await page.getByRole("link", { name: "開く", exact: true }).click();
      await page.getByText("shops.json: 数値と文字が混ざっている1列は、文字として保存しています（code）。").waitFor();
      assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      await shoot(page, "formats-phone-database");
    }));
});
