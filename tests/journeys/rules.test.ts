/* An administrator decides who sees which rows, looks what that means for somebody, and that person finds it so. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;

describe("rules on rows", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let database: string;
  let report: string;
  /** The team that the app shows. */
  let picked: string;
  let sessions: { owner: string; viewer: string };
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const { team, token } = await kliv.makeTeam("rules");
    const viewer = await kliv.makeTeam("viewer");
    const { teams, groups } = kliv.running.app.rooms;
    await teams.addMember({ team, email: viewer.email, role: "viewer", by: operator, mayMakeOwners: false });
    await groups.create({ team, name: "北日本", by: operator });
    const csv = Buffer.from("region,rep,amount\nnorth,viewer@example.com,10\nsouth,someone@example.com,20\nnorth,viewer@example.com,30\nsouth,someone@example.com,4711\n");
    database = (await kliv.api("POST", `/api/v1/teams/${team}/databases?name=Sales`, { token, body: csv, headers: { "x-filename": "sales.csv" } })).json.id;
    const block = { id: "t", kind: "table", layout: { x: 0, y: 0, w: 12, h: 4 }, database, sql: "SELECT region, amount FROM sales" };
    report = (await kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: { schema: 1, title: "Sold", language: "en", parameters: [], blocks: [block] } })).json.id;
    sessions = { owner: await kliv.makeSession("rules@example.com"), viewer: await kliv.makeSession("viewer@example.com") };
    picked = team;
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (session: string, options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      await context.addInitScript(`localStorage.setItem("kliv.team", ${JSON.stringify(picked)})`);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${kliv.config.origin}/databases/${database}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  it("a rule is written, refused where it is wrong, tried on somebody, and saved", () =>
    open(sessions.owner, { locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Add a rule" }).click();
      await page.getByLabel("Condition").fill("rep = :user_emai");
      await page.getByRole("button", { name: "Save rules" }).click();
      await page.getByText(":user_emai is not known").waitFor();
      await shoot(page, "rules-refused");
      assert.deepEqual(await axeFindings(page), []);
      await page.getByLabel("Condition").fill("rep = :user_email");
      await page.getByLabel("Reader", { exact: true }).selectOption({ label: "viewer (viewer@example.com)" });
      await page.getByRole("button", { name: "Count rows" }).click();
      await page.getByText("2 of 4 rows").waitFor();
      await page.getByRole("button", { name: "Save rules" }).click();
      await page.getByText("The rules hold from now on.").waitFor();
      await shoot(page, "rules-saved");
    }));

  it("whom it means sees those rows and is told so", () =>
    open(sessions.viewer, { locale: "en-GB" }, async (page) => {
      await page.getByText("You see some of the rows").waitFor();
      await page.getByRole("cell", { name: "30", exact: true }).first().waitFor();
      assert.doesNotMatch(await page.locator("main").innerText(), /4711|someone@/);
      assert.equal(await page.getByRole("heading", { name: "Who sees which rows" }).count(), 0);
      await shoot(page, "rules-viewer");
      assert.deepEqual(await axeFindings(page), []);
    }));

  it("whoever publishes is told whose rows readers will see", () =>
    open(sessions.owner, { locale: "ja-JP" }, async (page) => {
      await page.goto(`${kliv.config.origin}/reports/${report}`);
      await page.getByRole("button", { name: "共有" }).first().click();
      await page.getByText("あなたにはすべての行が見えるため").waitFor();
      await shoot(page, "rules-share");
      assert.deepEqual(await axeFindings(page), []);
    }));

  it("on a phone, in the dark, in Japanese", () =>
    open(sessions.owner, { locale: "ja-JP", colorScheme: "dark", viewport: { width: 360, height: 740 } }, async (page) => {
      await page.getByRole("heading", { name: "行の表示ルール" }).waitFor();
      await page.getByRole("button", { name: "ルールを追加" }).click();
      await page.getByRole("button", { name: "行数を数える" }).waitFor();
      assert.deepEqual(await axeFindings(page), []);
      assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= 360);
      await shoot(page, "rules-ja");
    }));
});
