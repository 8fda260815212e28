/* A team opens a database to everyone; a stranger without scripts looks, asks and takes it along; then it is withdrawn. */
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

describe("a public database", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let database: string;
  let session: string;
  let token: string;
  let address = "";
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const made = await kliv.makeTeam("open");
    token = made.token;
    const cities = ["札幌", "仙台", "東京", "横浜", "名古屋", "京都", "大阪", "神戸", "広島", "福岡", "那覇"];
    const csv = Buffer.from(`city,year,people,area\n${Array.from({ length: 66 }, (_, i) => `${cities[i % 11]},${2019 + Math.floor(i / 11)},${1973395 - i * 7919},${(i * 37.5 + 10).toFixed(2)}`).join("\n")}\n`);
    database = (await kliv.api("POST", `/api/v1/teams/${made.team}/databases?name=${encodeURIComponent("日本の都市の人口")}`, { token, body: csv, headers: { "x-filename": "cities.csv" } })).json.id;
    await kliv.api("PATCH", `/api/v1/databases/${database}`, { token, body: { description: "People and area of eleven cities of Japan by year.\n都市別の人口と面積です。" } });
    session = await kliv.makeSession("open@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const visit = async (path: string, options: BrowserContextOptions & { signed?: boolean }, work: (page: Page) => Promise<void>): Promise<void> => {
    const { signed, ...rest } = options;
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...rest });
    try {
      if (signed) await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(path.startsWith("https:") ? path : `${kliv.config.origin}${path}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  it("is opened from its menu, which first says what that means", () =>
    visit(`/databases/${database}`, { signed: true, locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Open to everyone" }).click();
      await page.getByText("Anyone, with or without an account").waitFor();
      await shoot(page, "public-dialog");
      await page.getByRole("button", { name: "Open it to everyone" }).click();
      await page.getByText("Everyone sees it from now on.").waitFor();
      address = await page.getByLabel("Address", { exact: true }).inputValue();
      assert.match(address, /\/d\/[\w-]+$/);
      await shoot(page, "public-dialog-open");
      assert.deepEqual(await axeFindings(page), []);
      await page.getByRole("button", { name: "Close" }).last().click();
      await page.getByRole("link", { name: "Open to everyone" }).waitFor();
    }));

  it("is looked at, asked and taken along by a stranger without scripts", () =>
    visit("/d", { javaScriptEnabled: false, locale: "ja-JP" }, async (page) => {
      await shoot(page, "public-list-ja");
      await page.getByRole("link", { name: "日本の都市の人口" }).click();
      await page.getByRole("heading", { name: "cities" }).waitFor();
      await shoot(page, "public-page-ja");
      await page.getByLabel("SQL").fill("select city, max(people) as most\nfrom cities group by city order by 2 desc limit 3");
      await page.getByRole("button", { name: "実行" }).click();
      await page.getByRole("cell", { name: "札幌" }).last().waitFor();
      assert.deepEqual(await page.locator("#ask tbody tr td:first-child").allTextContents(), ["札幌", "仙台", "東京"]);
      await shoot(page, "public-answer-ja");
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
      assert.match(readFileSync(await download.path(), "utf8"), /^city,year,people,area\r\n札幌,2019,1973395,10\.0\r\n/);
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /^SQLite/ }).click()]);
      assert.equal(readFileSync(await file.path()).subarray(0, 15).toString(), "SQLite format 3");
      await page.getByRole("link", { name: "English" }).click();
      await page.getByRole("button", { name: "Run" }).waitFor();
      assert.match(await page.getByLabel("SQL", { exact: true }).inputValue(), /^select city, max/);
    }));

  it("is readable on a phone in the dark, and accessible; a mistake is told with its place", () =>
    visit(`${address}?sql=${encodeURIComponent("select city,\n whom from cities")}`, { locale: "en-GB", colorScheme: "dark", viewport: { width: 390, height: 844 } }, async (page) => {
      await page.getByText("no such column: whom").waitFor();
      await page.getByText("Line 2, column 2.").waitFor();
      assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing wider than the phone");
      await shoot(page, "public-page-phone-dark");
      assert.deepEqual(await axeFindings(page), []);
    }));

  it("says in the app why it is not shown, and is gone when it is withdrawn", () =>
    visit(`/databases/${database}`, { signed: true, locale: "en-GB" }, async (page) => {
      await kliv.api("PUT", `/api/v1/databases/${database}/rules`, { token, body: { rules: [{ table: "cities", subject: { kind: "everyone" }, condition: "year = 2020" }] } });
      assert.equal((await kliv.api("GET", new URL(address).pathname)).status, 404);
      await page.reload();
      await page.getByText("Open to everyone, but not shown now").waitFor();
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Open to everyone" }).click();
      await page.getByText("no stranger sees anything").waitFor();
      await shoot(page, "public-held");
      await page.getByRole("button", { name: "Withdraw" }).click();
      await page.getByText("Nobody outside the team sees it any more.").waitFor();
      await kliv.api("PUT", `/api/v1/databases/${database}/rules`, { token, body: { rules: [] } });
      assert.equal((await kliv.api("GET", new URL(address).pathname)).status, 404);
    }));
});
