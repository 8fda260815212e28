/* Somebody looks what a database holds: how its tables belong together, what stands in a column, and writes down what it means. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;

function shop(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "kliv-catalog-"));
  try {
    const db = new DatabaseSync(join(folder, "shop.sqlite"));
    db.exec(`create table customers (id integer primary key, name text, prefecture text);
      create table products (id integer primary key, name text, category_id integer);
      create table categories (id integer primary key, name text);
      create table orders (id integer primary key, customer_id integer references customers, product_id integer references products, ordered_on date, amount real);
      create table visits (page text, seconds integer);
      with recursive s(n) as (values (1) union all select n + 1 from s where n < 300000) insert into visits select 'p' || (n % 3000), n % 90 from s;
      create index orders_day on orders (ordered_on, customer_id);
      insert into customers values (1, '青葉', '東京都'), (2, '若葉', '大阪府'), (3, '紅葉', '東京都');
      insert into categories values (1, 'tea');
      insert into products values (1, 'green', 1), (2, 'black', 1);
      with recursive s(n) as (values (1) union all select n + 1 from s where n < 400) insert into orders select n, n % 3 + 1, n % 2 + 1, date('2026-01-01', '+' || (n % 300) || ' days'), case when n % 7 then (n * n) % 97 * 1.5 end from s`);
    db.close();
    return readFileSync(join(folder, "shop.sqlite"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("the schema in a browser", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let session: string;
  let database: string;
  let team: string;
  let token: string;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const owner = await kliv.makeTeam("catalog");
    ({ team, token } = owner);
    database = (await kliv.api("POST", `/api/v1/teams/${team}/databases?name=Shop`, { token: owner.token, body: shop(), headers: { "x-filename": "shop.sqlite" } })).json.id;
    session = await kliv.makeSession("catalog@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, path: string, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      await context.addInitScript(`localStorage.setItem("kliv.team", ${JSON.stringify(team)})`);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${kliv.config.origin}${path}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  it("a column opens to what stands in it, its meaning is written down and shown where SQL is written", async () => {
    await open({ locale: "en-GB" }, `/databases/${database}?table=orders`, async (page) => {
      await page.locator("summary", { hasText: "amount" }).click();
      await page.getByRole("img", { name: /How the values of amount are spread/ }).waitFor();
      await page.getByText("57 (14.3%)").waitFor();
      await page.locator("summary", { hasText: "ordered_on" }).click();
      await page.getByRole("img", { name: /How the values of ordered_on are spread.*2026-01: \d+/ }).waitFor();
      const column = page.locator("li", { has: page.locator("summary", { hasText: "amount" }) });
      await column.getByRole("button", { name: "Describe" }).click();
      await column.getByLabel("What it means").fill("In yen, with tax");
      await column.getByRole("button", { name: "Save" }).click();
      await column.locator("summary").getByText("In yen, with tax").waitFor();
      await page.getByText("ordered_on, customer_id").waitFor();
      await shoot(page, "catalog");
      assert.deepEqual(await axeFindings(page), []);
    });
    await open({ locale: "en-GB" }, `/databases/${database}/query`, async (page) => {
      await page.locator("summary", { hasText: "orders" }).click();
      assert.equal(await page.getByRole("button", { name: "Insert amount" }).getAttribute("title"), "In yen, with tax");
    });
  });

  it("relations are drawn, the guessed ones too, and lead to their tables", () =>
    open({ locale: "ja-JP", colorScheme: "dark" }, `/databases/${database}?table=orders`, async (page) => {
      const drawing = page.getByRole("group", { name: "テーブルの関係" });
      await drawing.waitFor();
      assert.deepEqual((await page.getByText("の行を指します").allInnerTexts()).sort(), ["orders.customer_id は customers の行を指します", "orders.product_id は products の行を指します", "products.category_id は categories の行を指します (推測)"]);
      await shoot(page, "catalog-ja-dark");
      assert.deepEqual(await axeFindings(page), []);
      await drawing.getByRole("button", { name: /^customers/ }).click();
      await page.locator("summary", { hasText: "prefecture" }).click();
      await page.getByText("東京都").last().waitFor();
    }));

  it("slow questions are made faster by a version with indexes, after a look at what it brings", async () => {
    const answered = await kliv.api("POST", `/api/v1/databases/${database}/query`, { token, body: { sql: "select count(*) from (values (1), (2), (3), (4), (5), (6)) t, visits where page = 'p' || t.column1" } });
    assert.equal(answered.status, 200);
    await open({ locale: "en-GB" }, `/databases/${database}?table=orders`, async (page) => {
      await page.getByRole("button", { name: "Look for faster ways" }).click();
      const apply = page.getByRole("button", { name: "Make a version with these indexes" });
      await apply.waitFor();
      await page.getByText("visits: page").waitFor();
      await shoot(page, "indexes");
      assert.deepEqual(await axeFindings(page), []);
      await apply.click();
      await page.getByText("The new version has the indexes.").waitFor();
      await page.getByText(/^Version 2/).first().waitFor();
    });
  });

  it("fits a phone", () =>
    open({ locale: "ja-JP", viewport: { width: 390, height: 844 } }, `/databases/${database}?table=orders`, async (page) => {
      await page.locator("summary", { hasText: "amount" }).click();
      await page.getByRole("img", { name: /amount の値の分布/ }).waitFor();
      await shoot(page, "catalog-phone");
      assert.equal(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), true);
    }));
});
