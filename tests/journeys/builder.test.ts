import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;

describe("a question by choices", { skip, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let page: Page;
  let team: string;
  let database: string;
  let token: string;
  let cookie: string;

  before(async () => {
    kliv = await startTestServer();
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
    const mine = await kliv.makeTeam("builders");
    ({ team, token } = mine);
    const rows = Array.from({ length: 60 }, (_, i) => `2026-${String((i % 12) + 1).padStart(2, "0")}-01,${["Oslo", "京都", "Lima"][i % 3]},${(i * 37) % 101}`);
    const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=sales`, { token, headers: { "x-filename": "sales.csv" }, body: Buffer.from(`day,city,amount\n${rows.join("\n")}\n`) });
    database = made.json.id;
    cookie = (await kliv.makeSession(mine.email)).split("=")[1]!;
    page = await open("en-GB", 1280);
  });
  after(async () => {
    await browser?.close();
    await kliv?.stop();
  });

  async function open(locale: string, width: number): Promise<Page> {
    const context = await browser.newContext({ locale, viewport: { width, height: 900 } });
    await context.addCookies([{ name: "__Host-kliv", value: cookie, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
    const opened = await context.newPage();
    opened.setDefaultTimeout(20_000);
    await opened.goto(`${kliv.config.origin}/databases/${database}/query`);
    await opened.locator(".cm-content").waitFor();
    return opened;
  }

  const sql = async (): Promise<string> => (await page.locator(".cm-line").allInnerTexts()).join("\n");
  const picture = async (name: string, on = page): Promise<void> => {
    const folder = process.env["KLIV_PICTURES"];
    if (folder) await on.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  it("writes the SQL, asks it, and is saved with it", async () => {
    await page.getByRole("button", { name: "Build without SQL" }).click();
    const part = (name: string) => page.getByRole("group", { name });
    await page.getByRole("button", { name: "Add a figure" }).click();
    await part("Show").getByLabel("Figure").selectOption("sum");
    assert.equal(await part("Show").getByLabel("Column").inputValue(), "amount");
    await page.getByRole("button", { name: "Add a group" }).click();
    await part("For each").getByLabel("By").selectOption("quarter");
    await page.getByRole("button", { name: "Add a filter" }).click();
    await part("Where").getByLabel("Column").selectOption("city");
    await part("Where").getByLabel("Test").selectOption("!=");
    await part("Where").getByLabel("Value").fill("Oslo");
    await page.getByLabel("Sort by").selectOption("sum_amount");
    await page.getByLabel("Largest first").check();
    await picture("builder");
    assert.match(await sql(), /sum\(amount\) AS sum_amount\nFROM sales\nWHERE city <> 'Oslo'\nGROUP BY 1\nORDER BY sum_amount DESC, day_quarter\nLIMIT 100/);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.locator('p[role="status"]', { hasText: /4 rows in/ }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("button", { name: "Save query" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Per quarter");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/saved=/);
    const { json } = await kliv.api("GET", `/api/v1/teams/${team}/queries`, { token });
    assert.deepEqual(json.items[0].question.groups, [{ value: { column: "day" }, bin: "quarter" }]);
    assert.match(json.items[0].sql, /^SELECT\n {2}date\(day/);
  });

  it("gives today to what asks for the last months, and the SQL to whoever edits it", async () => {
    await page.goto(`${kliv.config.origin}/databases/${database}/query`);
    await page.getByRole("button", { name: "Build without SQL" }).click();
    await page.getByRole("button", { name: "Add a filter" }).click();
    await page.getByRole("group", { name: "Where" }).getByLabel("Test").selectOption("last");
    await page.getByRole("textbox", { name: "today" }).waitFor();
    assert.match(await page.getByRole("textbox", { name: "today" }).inputValue(), /^\d{4}-\d\d-\d\d$/);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("0");
    await page.getByRole("button", { name: "Build without SQL" }).waitFor();
    assert.match(await sql(), /LIMIT 1000$/);
    // Opened again, the choices are there, and the SQL stays until one of them changes.
    await page.getByRole("button", { name: "Build without SQL" }).click();
    await page.getByRole("group", { name: "Where" }).getByLabel("Test").waitFor();
    assert.match(await sql(), /LIMIT 1000$/);
  });

  it("fits a phone, in Japanese", async () => {
    const phone = await open("ja-JP", 390);
    await phone.getByRole("button", { name: "SQLを使わずに作る" }).click();
    await phone.getByRole("button", { name: "集計を追加" }).click();
    await phone.getByRole("button", { name: "グループを追加" }).click();
    await phone.getByRole("button", { name: "条件を追加" }).click();
    await picture("builder-phone", phone);
    assert.ok(await phone.evaluate("document.documentElement.scrollWidth <= innerWidth"));
    assert.deepEqual(await axeFindings(phone), []);
    await phone.context().close();
  });
});
