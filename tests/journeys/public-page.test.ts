import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const csv = "city,people\nKyoto,15\nOsaka,28\nSapporo,20\n";

describe("the page of a published report", { skip, timeout: 120_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let address: string;
  const complaints: string[] = [];

  before(async () => {
    kliv = await startTestServer();
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
    const { team, token } = await kliv.makeTeam("readers");
    const database = (await kliv.api("POST", `/api/v1/teams/${team}/databases?name=cities`, { token, body: Buffer.from(csv), headers: { "x-filename": "cities.csv" } })).json.id;
    const sql = "select city, people from cities where (:city is null or city = :city) and people >= :least";
    const definition = {
      schema: 1, title: "Cities", language: "en",
      parameters: [{ name: "city", label: "City", type: "choice", options: { database, sql: "select city from cities order by 1" } }, { name: "least", label: "At least", type: "number", default: 0 }],
      blocks: [
        { id: "city", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 2 }, parameter: "city" },
        { id: "least", kind: "filter", layout: { x: 3, y: 0, w: 3, h: 2 }, parameter: "least" },
        { id: "bars", kind: "chart", title: "People", layout: { x: 0, y: 2, w: 12, h: 7 }, database, sql, chart: { mark: "bar", encoding: { y: { field: "city", type: "nominal" }, x: { field: "people", type: "quantitative" } } } },
        { id: "rows", kind: "table", title: "In figures", layout: { x: 0, y: 9, w: 12, h: 5 }, database, sql },
      ],
    };
    const report = (await kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: definition })).json.id;
    address = (await kliv.api("POST", `/api/v1/reports/${report}/publication`, { token, body: { visibility: "public" } })).json.url;
  });
  after(async () => {
    await browser?.close();
    await kliv?.stop();
  });

  async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const page = await (await browser.newContext({ locale: "en-GB", ...options })).newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
    await page.goto(address);
    return page;
  }
  const cities = (page: Page): Promise<string[]> => page.locator("#b-rows tbody td:first-child").allInnerTexts();

  it("is complete without scripts, and its filters work", async () => {
    const page = await open({ javaScriptEnabled: false });
    assert.ok(await page.locator("#b-bars svg.kliv-chart:visible").isVisible());
    assert.deepEqual(await cities(page), ["Kyoto", "Osaka", "Sapporo"]);
    await page.getByLabel("City", { exact: true }).selectOption("Osaka");
    await page.locator("#b-city").getByRole("button", { name: "Apply" }).click();
    assert.match(page.url(), /[?]city=Osaka$/);
    assert.deepEqual(await cities(page), ["Osaka"]);
    await page.context().close();
  });

  it("answers filters in place with scripts, and follows the browser's history", async () => {
    const page = await open();
    await page.getByLabel("City", { exact: true }).selectOption("Kyoto");
    await page.locator("#b-bars svg[aria-label*='Kyoto']:visible").waitFor();
    await page.locator("#b-rows tbody tr:nth-child(2)").waitFor({ state: "detached" });
    assert.match(page.url(), /[?]city=Kyoto/);
    await page.getByLabel("At least").fill("99");
    await page.getByLabel("At least").press("Enter");
    await page.locator("#b-rows").getByText("No rows to show").waitFor();
    await page.goBack();
    await page.goBack();
    await page.locator("#b-rows tbody tr:nth-child(3)").waitFor();
    assert.deepEqual([await page.getByLabel("City", { exact: true }).inputValue(), await page.getByLabel("At least").inputValue()], ["", "0"]);
    await page.context().close();
  });

  it("draws a chart alive when a pointer reaches it, under the name that it had", async () => {
    const page = await open();
    const still = await page.locator("#b-bars svg.kliv-chart:visible").getAttribute("aria-label");
    await page.hover("#b-bars figure");
    const alive = page.locator("#b-bars [role='img']:has(svg.marks)");
    await alive.waitFor();
    assert.equal(await alive.getAttribute("aria-label"), still);
    await page.context().close();
  });

  it("has nothing that axe finds wrong, light and dark, and fits a phone", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open({ colorScheme, viewport: { width: 390, height: 844 } });
      for (const path of [address, `${kliv.config.origin}/gallery`, `${kliv.config.origin}/trust`, `${kliv.config.origin}/status`, `${kliv.config.origin}/api/docs`]) {
        await page.goto(path);
        assert.deepEqual(await axeFindings(page), [], `${path} ${colorScheme}`);
        assert.ok((await page.evaluate("document.documentElement.scrollWidth")) as number <= 390, `${path} scrolls sideways`);
      }
      await page.context().close();
    }
    assert.deepEqual(complaints, []);
  });
});
