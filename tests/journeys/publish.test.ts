/* From an empty home to a report that anyone reads, as a person does it: one command, then a browser. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { inkOf } from "../png.ts";
import { callServer, freePort } from "../server.ts";
import type { CallOptions } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const root = join(import.meta.dirname, "../..");
const waitMs = 20_000;
const title = "国別の月間売上";
const sql = "select strftime('%Y-%m-01', InvoiceDate) as month, BillingCountry as country, sum(Total) as revenue from Invoice group by 1, 2 order by 1";

describe("a journey from an empty home to a public report", { skip, timeout: 300_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-journey-"));
  let origin = "";
  let server: ChildProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let publicUrl = "";
  let report = "";
  /** What pages complained of: errors, and what their content policy refused. */
  const complaints: string[] = [];

  before(async () => {
    const port = await freePort();
    origin = `https://localhost:${port}`;
    server = await startKliv(home, port);
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port, ca: readFileSync(join(home, "ca.pem")) });
    context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    page = await open(context);
  });
  after(async () => {
    await browser?.close();
    if (server) await stopKliv(server);
    rmSync(home, { recursive: true, force: true });
  });

  async function open(one: BrowserContext): Promise<Page> {
    const made = await one.newPage();
    made.setDefaultTimeout(waitMs);
    made.on("pageerror", (error) => complaints.push(`${made.url()}: ${error.message}`));
    made.on("console", (message) => {
      if (message.type() === "error" || /Content Security Policy/.test(message.text())) complaints.push(`${made.url()}: ${message.text()}`);
    });
    return made;
  }

  const api = (method: string, path: string, options: CallOptions = {}) => callServer({ port: Number(new URL(origin).port), ca: readFileSync(join(home, "ca.pem")), method, path, ...options });
  const accessible = async (): Promise<void> => assert.deepEqual(await axeFindings(page), [], page.url());

  it("signs up with a mailed link and chooses a password", async () => {
    await page.goto(`${origin}/signup`);
    await page.getByLabel("E-mail address").fill("ana@example.com");
    await accessible();
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("Check your mail").waitFor();
    await accessible();
    await page.getByRole("link", { name: /mailbox/ }).click();
    await page.getByRole("link", { name: /password\?link=/ }).first().waitFor();
    await accessible();
    await page.getByRole("link", { name: /password\?link=/ }).first().click();
    await page.getByLabel("New password").fill("a few unrelated words");
    await accessible();
    await page.getByRole("checkbox", { name: /I accept the Terms of service/ }).check();
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("heading", { name: "From a file to a report people can trust" }).waitFor();
    await accessible();
  });

  it("signs out and in again", async () => {
    await page.getByRole("button", { name: /You and your team/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).or(page.getByRole("button", { name: "Sign in", exact: true })).first().waitFor();
    await page.goto(`${origin}/signin`);
    await page.getByLabel("E-mail address or user name").fill("ana@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a few unrelated words");
    await accessible();
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "From a file to a report people can trust" }).waitFor();
  });

  it("brings a database, which opens with its tables", async () => {
    await page.getByTestId("files").first().setInputFiles(salesFile(home));
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByRole("heading", { name: "chinook", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Invoice", exact: true }).click();
    await page.getByRole("columnheader", { name: "BillingCountry" }).waitFor();
    await accessible();
  });

  it("asks for the revenue by month and country, and sees it as lines", async () => {
    await page.getByRole("link", { name: "Write SQL" }).first().click();
    await page.locator(".cm-content").click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(sql);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: "country", exact: true }).waitFor();
    await accessible();
    await page.getByRole("tab", { name: "Chart" }).click();
    await page.getByRole("img", { name: /revenue/ }).waitFor();
    assert.equal(await page.getByRole("radio", { name: "Lines" }).isChecked(), true, "a date and a measure suggest lines");
    assert.equal(await page.getByLabel("Colour", { exact: true }).inputValue(), "country");
    await accessible();
  });

  it("puts the chart into a new report", async () => {
    await page.getByRole("button", { name: "Add to report" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title of the block").fill("月ごとの売上");
    await dialog.getByLabel("Title of the report").fill(title);
    await accessible();
    await dialog.getByRole("button", { name: "Add and open the report" }).click();
    await page.locator('[data-block] [role="img"]').waitFor();
    report = /reports\/(rep_\w+)/.exec(page.url())?.[1] ?? "";
    assert.notEqual(report, "");
    await accessible();
  });

  it("publishes it for everyone", async () => {
    await page.getByRole("button", { name: "Share" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio", { name: /Everyone/ }).check();
    await accessible();
    await dialog.getByRole("button", { name: "Publish", exact: true }).click();
    await dialog.getByText("The page can be read now.").waitFor();
    publicUrl = await dialog.getByRole("textbox", { name: "Address" }).inputValue();
    await accessible();
  });

  it("is found in the gallery with its picture, and read, by anyone without JavaScript", async () => {
    const reader = await browser.newContext({ locale: "ja-JP", javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const still = await open(reader);
    await still.goto(`${origin}/gallery`);
    const picture = still.locator(".gallery-cards li", { hasText: title }).locator("img");
    const answered = await api("GET", (await picture.getAttribute("src")) ?? "");
    assert.deepEqual([answered.status, answered.headers["content-type"]], [200, "image/png"]);
    await still.getByRole("link", { name: title }).first().click();
    await still.getByRole("heading", { name: title, level: 1 }).waitFor();
    const svg = still.locator("main svg.kliv-chart:visible").first();
    await svg.waitFor();
    const drawn = (await still.locator("main").innerText()) + (await svg.evaluate((node) => node.textContent ?? ""));
    for (const word of ["USA", "2021"]) assert.ok(drawn.includes(word), `${word} is drawn`);
    assert.ok((await svg.locator("path").count()) > 3, "the lines are drawn");
    assert.ok((await still.evaluate<number>("document.documentElement.scrollWidth")) <= 390, "nothing runs off a phone's edge");
    await reader.close();
  });

  it("is read with scripts too, as well by ear", async () => {
    const reader = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    const other = await open(reader);
    for (const path of [publicUrl, `${origin}/gallery`, `${origin}/trust`, `${origin}/status`, `${origin}/api/docs`]) {
      await other.goto(path);
      await other.locator("h1").first().waitFor();
      assert.deepEqual(await axeFindings(other), [], path);
    }
    await reader.close();
  });

  it("has a picture whose Japanese is letters, not boxes", async () => {
    const cookie = (await context.cookies()).filter(({ name }) => name === "__Host-kliv").map(({ name, value }) => `${name}=${value}`).join("");
    const inks: string[] = [];
    // The last is a letter that no font has: it is drawn as its box.
    for (const one of ["売", "上", "月", "\u{f0000}"]) {
      const definition = { schema: 1, title: one, language: "ja", parameters: [], blocks: [] };
      assert.equal((await api("PUT", `/api/v1/reports/${report}`, { cookie, body: definition })).status, 200);
      inks.push(inkOf((await api("GET", `/api/v1/reports/${report}/screenshot.png?width=400`, { cookie })).bytes));
    }
    for (const ink of inks.slice(0, 3)) assert.ok(ink.includes("1"), "something is drawn");
    assert.equal(new Set(inks).size, 4, "each letter has a shape of its own, and none is the box");
  });

  it("no page complained", () => assert.deepEqual(complaints, []));
});

async function startKliv(home: string, port: number): Promise<ChildProcess> {
  const staffPort = await freePort();
  const child = spawn(join(root, "bin/kliv"), ["start", "--home", home, "--port", String(port), "--staff-port", String(staffPort), "--no-sample"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  return await new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk;
      if (output.includes("Kliv is ready")) resolve(child);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${output.slice(-500)}`)));
  });
}

function stopKliv(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGINT");
  });
}

/** The music shop where it is there, else a small one of the same shape. */
function salesFile(home: string): string {
  const shop = join(process.env["KLIV_CORPORA"] ?? "", "data/chinook.sqlite");
  if (process.env["KLIV_CORPORA"] && existsSync(shop)) return shop;
  const file = join(home, "chinook.sqlite");
  const db = new DatabaseSync(file);
  db.exec("create table Customer (CustomerId integer primary key, Country text); create table Invoice (InvoiceId integer primary key, InvoiceDate datetime, BillingCountry text, Total numeric)");
  const insert = db.prepare("insert into Invoice (InvoiceDate, BillingCountry, Total) values (?, ?, ?)");
  for (let month = 0; month < 24; month++) {
    for (const [i, country] of ["USA", "Japan", "Brazil", "France"].entries()) {
      insert.run(`${2021 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-05 00:00:00`, country, ((month * 7 + i * 13) % 40) + 5);
    }
  }
  db.close();
  return file;
}
