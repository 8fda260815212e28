import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { operator } from "#src/commands/command.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;

describe("the desk with DuckDB's SQL", { skip, timeout: 180_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let team: string;
  let database: string;
  let token: string;

  before(async () => {
    kliv = await startTestServer();
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
    const mine = await kliv.makeTeam("ducks");
    ({ team, token } = mine);
    const rows = Array.from({ length: 60 }, (_, i) => `2026-${String((i % 12) + 1).padStart(2, "0")}-01,${["Oslo", "京都", "Lima"][i % 3]},${(i * 37) % 101}`);
    const made = await kliv.api("POST", `/api/v1/teams/${team}/databases?name=sales`, { token, headers: { "x-filename": "sales.csv" }, body: Buffer.from(`day,city,amount\n${rows.join("\n")}\n`) });
    database = made.json.id;
    ({ context, page } = await open(mine.email, "en-GB"));
  });
  after(async () => {
    await browser?.close();
    await kliv?.stop();
  });

  async function open(email: string, locale: string): Promise<{ context: BrowserContext; page: Page }> {
    const made = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
    await made.addCookies([{ name: "__Host-kliv", value: (await kliv.makeSession(email)).split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
    const opened = await made.newPage();
    opened.setDefaultTimeout(20_000);
    return { context: made, page: opened };
  }

  const status = (text: RegExp, on = page) => on.locator('p[role="status"]', { hasText: text }).first().waitFor();

  it("asks, keeps the choice in the address, and saves it", async () => {
    await page.goto(`${kliv.config.origin}/databases/${database}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("select strftime(day, '%Y') as year, sum(amount) as amount from sales where city <> $city group by all");
    await page.keyboard.press("Escape");
    // With the keyboard: the arrows move within the choice.
    await page.getByRole("radio", { name: "SQLite" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.ok(await page.getByRole("radio", { name: "DuckDB" }).isChecked());
    await status(/made with your first question/);
    await page.getByRole("textbox", { name: "city" }).fill("Lima");
    await page.getByRole("button", { name: "Run" }).click();
    await status(/1 row in .* by DuckDB/);
    await status(/columnar copy \(/);
    assert.deepEqual(await axeFindings(page), []);
    await page.waitForURL(/engine=duckdb/);
    await page.getByRole("button", { name: "Save query" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("By year");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.waitForURL(/saved=/);
    assert.ok(await page.getByRole("radio", { name: "DuckDB" }).isChecked());
    const { json } = await kliv.api("GET", `/api/v1/teams/${team}/queries`, { token });
    assert.equal(json.items[0].engine, "duckdb");
  });

  it("points at a mistake", async () => {
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("select city,\nnowhere from sales");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /DuckDB says.*nowhere/s);
    assert.equal(await page.locator(".cm-wrong").innerText(), "nowhere");
  });

  it("tells who may not use it", async () => {
    const viewer = await kliv.makeTeam("reader");
    await kliv.running.app.rooms.teams.addMember({ team, email: viewer.email, role: "viewer", by: operator, mayMakeOwners: false });
    const set = await kliv.api("PUT", `/api/v1/databases/${database}/rules`, { token, body: { rules: [{ subject: { kind: "everyone" }, table: "sales", condition: "city = '京都'" }] } });
    assert.equal(set.status, 200);
    const other = await open(viewer.email, "ja");
    await other.context.addInitScript(`localStorage.setItem("kliv.team", ${JSON.stringify(team)})`);
    await other.page.goto(`${kliv.config.origin}/databases/${database}/query?engine=duckdb&sql=${encodeURIComponent("from sales")}`);
    await status(/SQLiteだけ/, other.page);
    await other.context.close();
    await context.close();
  });
});
