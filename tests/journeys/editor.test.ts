import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const waitMs = 20_000;

type Layout = { x: number; y: number; w: number; h: number };
type Report = { title: string; description?: string; version: number; blocks: ({ id: string; kind: string; layout: Layout } & Record<string, unknown>)[] };

describe("the report editor", { skip, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let token: string;
  let report: string;
  let database: string;
  /** What the page itself complained of: errors, and what its content policy refused. */
  const complaints: string[] = [];

  before(async () => {
    kliv = await startTestServer();
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
    const team = await kliv.makeTeam("hana");
    token = team.token;
    const rows = Array.from({ length: 60 }, (_, i) => `2026-${String((i % 12) + 1).padStart(2, "0")}-01,${["Oslo", "Kyoto", "Lima"][i % 3]},${(i * 37) % 101}`);
    const made = await kliv.api("POST", `/api/v1/teams/${team.team}/databases?name=sales`, { token, headers: { "x-filename": "sales.csv", "content-type": "text/csv" }, body: Buffer.from(`day,city,amount\n${rows.join("\n")}\n`) });
    assert.equal(made.status, 201);
    database = made.json.id;
    const definition = { schema: 1, title: "Sales", language: "en", parameters: [], blocks: blocks() };
    const stored = await kliv.api("POST", `/api/v1/teams/${team.team}/reports`, { token, body: definition });
    assert.equal(stored.status, 201, JSON.stringify(stored.json));
    report = stored.json.id;
    context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    await context.addCookies([{ name: "__Host-kliv", value: (await kliv.makeSession(team.email)).split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
    page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
    await page.goto(`${kliv.config.origin}/reports/${report}/edit`);
    await page.waitForSelector("#block-tall svg");
  });
  after(async () => {
    await browser?.close();
    await kliv?.stop();
  });

  function blocks(): Report["blocks"] {
    return [
      { id: "words", kind: "text", markdown: "# Where we stand", layout: { x: 0, y: 0, w: 8, h: 2 } },
      { id: "total", kind: "number", title: "Total", database, sql: "select sum(amount) from sales", layout: { x: 8, y: 0, w: 4, h: 2 } },
      { id: "tall", kind: "chart", title: "By city", database, sql: "select city, sum(amount) as amount from sales group by 1", chart: { mark: "bar", encoding: { y: { field: "city", type: "nominal" }, x: { field: "amount", type: "quantitative" } } }, layout: { x: 0, y: 2, w: 6, h: 6 } },
    ];
  }

  const read = async (): Promise<Report> => (await kliv.api("GET", `/api/v1/reports/${report}`, { token })).json;
  const layoutOf = async (id: string): Promise<Layout> => (await read()).blocks.find((block) => block.id === id)!.layout;
  const saved = () => page.waitForSelector('[data-save="saved"]');
  const told = () => page.locator('p[role="status"].sr-only').innerText();
  const title = () => page.getByRole("textbox", { name: "Title of the report" });

  async function titleIs(text: string): Promise<void> {
    const untilMs = performance.now() + waitMs;
    while ((await title().inputValue()) !== text) assert.ok(performance.now() < untilMs, `the title does not become ${text}`);
  }
  async function blocksAre(count: number): Promise<void> {
    if (count > 0) await page.locator("[data-block]").nth(count - 1).waitFor();
    await page.locator("[data-block]").nth(count).waitFor({ state: "detached" });
  }

  /** Someone else saves: the definition as it is, with something changed. */
  async function other(change: (report: Report) => Partial<Report>): Promise<void> {
    const now = await read();
    const { schema, description, language, parameters, blocks: all } = now as Report & Record<string, unknown>;
    const definition = { schema, title: now.title, ...(description ? { description } : {}), language, parameters, blocks: all, ...change(now) };
    assert.equal((await kliv.api("PUT", `/api/v1/reports/${report}`, { token, body: definition })).status, 200);
  }

  it("a block dragged by the mouse and sized at its corner is saved where it was left", async () => {
    const before = (await page.locator("#block-total").boundingBox())!;
    await page.mouse.move(before.x + 60, before.y + 70);
    await page.mouse.down();
    await page.mouse.move(before.x, before.y + 150, { steps: 8 });
    await page.mouse.move(before.x - 130, before.y + 260, { steps: 8 });
    await page.mouse.up();
    assert.equal(await page.locator("[data-save]").getAttribute("data-save"), "changed");
    await saved();
    assert.deepEqual(await layoutOf("total"), { x: 6, y: 2, w: 4, h: 2 });
    assert.equal(await page.locator("aside").count(), 0);
    await page.hover("#block-total");
    const now = (await page.locator("#block-total").boundingBox())!;
    await page.mouse.move(now.x + now.width + 1, now.y + now.height + 1);
    await page.mouse.down();
    await page.mouse.move(now.x + now.width - 90, now.y + now.height + 130, { steps: 8 });
    await page.mouse.up();
    await saved();
    const sized = await layoutOf("total");
    assert.deepEqual([sized.w, sized.h], [3, 4]);
  });

  it("the keyboard moves, sizes, undoes and redoes, and says where things are", async () => {
    const before = await layoutOf("words");
    await page.focus("#block-words");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("ArrowRight");
    assert.equal(await told(), "Where we stand: column 2, row 1, 7 wide, 2 high.");
    await page.keyboard.press("ArrowUp");
    assert.equal(await told(), "It cannot go further there.");
    await saved();
    assert.deepEqual(await layoutOf("words"), { x: 1, y: 0, w: 7, h: 2 });
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await saved();
    assert.deepEqual(await layoutOf("words"), before);
    await page.keyboard.press("Control+Shift+z");
    await saved();
    assert.deepEqual(await layoutOf("words"), { ...before, w: 7 });
    await page.keyboard.press("Control+z");
    await saved();
  });

  it("blocks are added filled, duplicated and removed from their menus; what was removed comes back", async () => {
    await page.getByRole("button", { name: "Add block" }).click();
    assert.deepEqual(await page.getByRole("menuitem").locator("span.font-medium").allInnerTexts(), ["Chart", "Table", "Number", "Text", "Filter", "Image"]);
    await page.getByRole("menuitem", { name: /^Table/ }).click();
    await page.waitForSelector('[id^="block-table-"] td');
    const id = await page.locator('[id^="block-table-"]:focus').getAttribute("id");
    await page.getByRole("button", { name: "Actions for sales" }).click();
    await page.getByRole("menuitem", { name: "Duplicate" }).click();
    await blocksAre(5);
    await page.locator(`[id^="block-table-"]:not(#${id}):focus`).waitFor();
    await page.keyboard.press("Delete");
    await blocksAre(4);
    await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
    await blocksAre(5);
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await blocksAre(3);
    await saved();
    assert.equal((await read()).blocks.length, 3);
  });

  it("SQL is run with Control-Enter; what is wrong is shown at its place, and a chart follows new columns", async () => {
    await page.locator("#block-tall h2").click();
    await page.locator("aside .cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("select city as place, count(*) as days from sales group by 1");
    await page.keyboard.press("Control+Enter");
    await page.locator('#block-tall [role=img][aria-label*="place"]').waitFor();
    await saved();
    const { chart, sql } = (await read()).blocks.find((block) => block.id === "tall")! as unknown as { chart: { encoding: { y: { field: string } } }; sql: string };
    assert.equal(chart.encoding.y.field, "place");
    assert.match(sql, /count\(\*\) as days/);
    await page.locator("aside .cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" nonsense");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("aside .cm-wrong");
    await page.waitForSelector("#block-tall [role=alert]");
    for (let i = 0; i < 20 && (await page.locator("#block-tall [role=alert]").count()) > 0; i += 1) await page.getByRole("button", { name: "Undo" }).first().click();
    await page.waitForSelector("#block-tall svg");
    assert.deepEqual(await axeFindings(page), []);
  });

  it("another's change of another thing comes in by itself; of the same thing, a person decides", async () => {
    await other(() => ({ description: "Written by another." }));
    await title().fill("Our title");
    await saved();
    assert.deepEqual([(await read()).title, (await read()).description], ["Our title", "Written by another."]);
    await page.getByText("Written by another.").waitFor();
    await other(() => ({ title: "Their title" }));
    await title().fill("Our second title");
    await page.waitForSelector('[data-save="conflict"]');
    assert.deepEqual(await axeFindings(page), []);
    assert.equal((await read()).title, "Their title");
    await page.getByRole("button", { name: "Save mine on top" }).click();
    await saved();
    assert.equal((await read()).title, "Our second title");
    await other(() => ({ title: "Their third title" }));
    await title().fill("Our third title");
    await page.waitForSelector('[data-save="conflict"]');
    await page.getByRole("button", { name: "Take theirs" }).click();
    await saved();
    assert.equal(await title().inputValue(), "Their third title");
    const { items } = (await kliv.api("GET", `/api/v1/reports/${report}/versions`, { token })).json as { items: { title: string }[] };
    assert.deepEqual(items.slice(0, 2).map((version) => version.title), ["Their third title", "Our third title"]);
  });

  it("leaving saves what was written last; without a network it asks, and a page that was closed comes back with it", async () => {
    await title().fill("Left in a hurry");
    await page.getByRole("link", { name: "View" }).click();
    await page.getByRole("heading", { name: "Left in a hurry", level: 1, exact: true }).waitFor();
    assert.equal((await read()).title, "Left in a hurry");
    await page.getByRole("link", { name: "Edit" }).click();
    await title().waitFor();
    await context.setOffline(true);
    await title().fill("Written without a network");
    await page.waitForSelector('[data-save="failed"]');
    await page.getByRole("link", { name: "View" }).click();
    await page.getByRole("button", { name: "Stay here" }).click();
    page.once("dialog", (dialog) => void dialog.accept());
    await page.goto("about:blank");
    await context.setOffline(false);
    await page.goto(`${kliv.config.origin}/reports/${report}/edit`);
    await titleIs("Written without a network");
    await saved();
    assert.equal((await read()).title, "Written without a network");
  });

  it("older versions are looked at and restored, and restoring can be undone", async () => {
    await page.getByRole("button", { name: "Versions" }).click();
    await page.getByRole("button", { name: "Restore version 1", exact: true }).click();
    await titleIs("Sales");
    await saved();
    assert.deepEqual((await read()).blocks.map(({ layout }) => layout), blocks().map(({ layout }) => layout));
    await page.getByRole("button", { name: "Undo" }).first().click();
    await saved();
    assert.equal((await read()).title, "Written without a network");
    assert.deepEqual(complaints, []);
  });
});
