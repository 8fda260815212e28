import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { inflateSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { callServer, freePort } from "../server.ts";
import { root } from "../sources.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const waitMs = 30_000;
const email = "natsume@example.com";
const password = "吾輩は猫である 1905";
const revenue = "select strftime('%Y-%m', InvoiceDate) as month, BillingCountry as country, sum(Total) as revenue from Invoice group by 1, 2 order by 1, 2";

/** The digital music shop of the corpora where they are, else one of its shape made here. */
function invoices(folder: string): string {
  const corpora = process.env["KLIV_CORPORA"];
  const given = corpora ? join(corpora, "data/chinook.sqlite") : null;
  if (given && existsSync(given)) return given;
  const path = join(folder, "chinook.sqlite");
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE Invoice (InvoiceId INTEGER PRIMARY KEY, InvoiceDate TEXT, BillingCountry TEXT, Total REAL);
    WITH n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 412)
    INSERT INTO Invoice SELECT i, date('2021-01-01', '+' || (i * 4) || ' days'), CASE i % 4 WHEN 0 THEN 'USA' WHEN 1 THEN 'Brazil' WHEN 2 THEN 'France' ELSE 'Japan' END, (i * 37 % 100) / 10.0 FROM n`);
  database.close();
  return path;
}

/** From an empty home to a report that a stranger reads: each step as a person does it. */
describe("the main job", { skip, timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-journey-"));
  const home = join(folder, "home");
  let port: number;
  let ca: Buffer;
  let server: ChildProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let origin: string;
  const complaints: string[] = [];

  before(async () => {
    port = await freePort();
    origin = `https://localhost:${port}`;
    server = spawn(join(root, "bin/kliv"), ["start", "--home", home, "--port", String(port), "--no-sample"], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve, reject) => {
      server.stdout!.on("data", (chunk: Buffer) => chunk.includes("Kliv is ready") && resolve());
      server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    });
    ca = readFileSync(join(home, "ca.pem"));
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port, ca });
    context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => void (/Content Security Policy/.test(message.text()) && complaints.push(message.text())));
  });
  after(async () => {
    await browser?.close();
    await new Promise<void>((resolve) => {
      if (!server || server.exitCode !== null) return resolve();
      server.once("exit", () => resolve());
      server.kill("SIGTERM");
    });
    rmSync(folder, { recursive: true, force: true });
  });

  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const seen = async (): Promise<void> => assert.deepEqual(await axeFindings(page), []);
  let published: URL;

  it("signs up by a mailed link and is in a team of their own", async () => {
    await page.goto(`${origin}/signup`);
    await page.getByLabel("E-mail address").fill(email);
    await seen();
    await button("Send the link").click();
    await page.getByText("Check your mail").waitFor();
    await page.goto(`${origin}/mailbox`);
    await seen();
    await page.locator('a[href*="/password?link="]').first().click();
    await page.getByLabel("New password", { exact: true }).fill(password);
    await seen();
    await button("Set the password").click();
    await page.waitForURL(`${origin}/`);
    await page.getByText("Drop files here").waitFor();
    await seen();
  });

  it("uploads a database and sees its tables and first charts", async () => {
    await page.locator('input[type="file"]').first().setInputFiles(invoices(folder));
    await page.waitForURL(/\/databases\/db_/);
    await page.getByText("Charts to start from").waitFor();
    await page.locator('[role="img"] svg').first().waitFor();
    await page.getByText("Invoice", { exact: false }).first().waitFor();
    await seen();
  });

  it("asks for revenue by month and country, sees it as a chart, and puts it into a report", async () => {
    const database = /databases\/([^/?]+)/.exec(page.url())?.[1];
    await page.goto(`${origin}/databases/${database}/query`);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    // Typed over a selection, Chromium would keep its style by an attribute of its own, which the policy refuses.
    await page.keyboard.press("Delete");
    await page.keyboard.insertText(revenue);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("tab", { name: "Chart" }).click();
    await page.locator('[role="img"] svg').first().waitFor();
    await button("Add to report").click();
    await page.getByLabel("Title of the block").fill("国別・月別の売上");
    await page.getByLabel("Title of the report").fill("音楽ショップの売上");
    await button("Add and open the report").click();
    await page.waitForURL(/\/reports\/[^/]+\/edit/);
    await page.locator('[data-block] svg').first().waitFor();
    await page.waitForSelector('[data-save="saved"]');
  });

  it("publishes it for everyone", async () => {
    await button("Share").click();
    await page.getByRole("radio", { name: /Everyone/ }).check();
    await button("Publish").click();
    published = new URL(await page.getByRole("textbox", { name: "Address" }).inputValue());
    assert.match(published.pathname, /^\/r\//);
    assert.deepEqual(complaints, []);
  });

  it("is found in the gallery and read by a stranger without scripts", async () => {
    const stranger = await browser.newContext({ locale: "ja-JP", javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const read = await stranger.newPage();
    await read.goto(`${origin}/gallery`);
    await read.getByRole("searchbox").fill("売上");
    await read.getByRole("button", { name: "検索" }).click();
    assert.equal(await read.getByRole("listitem").count(), 1);
    await read.getByRole("link", { name: "音楽ショップの売上" }).click();
    assert.equal(read.url(), published.href);
    assert.equal(await read.locator("h1").innerText(), "音楽ショップの売上");
    assert.ok((await read.locator("figure svg.kliv-chart:visible path").count()) > 10, "the chart is drawn");
    // 390 pixels and nothing to scroll sideways.
    const bounds = (await read.locator(".report").boundingBox())!;
    assert.ok(bounds.x >= 0 && bounds.width <= 390, JSON.stringify(bounds));
    await stranger.close();
  });

  it("has a picture on which Japanese is letters, not boxes", async () => {
    const { bytes } = await callServer({ port, ca, method: "GET", path: `${published.pathname}/picture.png` });
    writeFileSync(join(folder, "picture.png"), bytes);
    const { columns, isInk } = pixels(bytes);
    // The title stands at the top left. Boxes are all alike; letters have ink of different amounts in their columns.
    const profile = Array.from({ length: 320 }, (_, x) => Array.from({ length: 40 }, (_, y) => Number(isInk(44 + x, 44 + y))).reduce((sum, one) => sum + one, 0));
    assert.ok(columns >= 1200);
    assert.ok(profile.some((ink) => ink > 5), "the title has ink");
    const width = 32;
    const letters = new Set(Array.from({ length: 8 }, (_, i) => profile.slice(i * width, (i + 1) * width).join()));
    assert.ok(letters.size >= 7, `${letters.size} of 8 letters differ`);
  });
});

/** The pixels of a PNG of 8 bits a channel, without interlacing: what is unlike its first pixel is ink. */
function pixels(png: Buffer): { columns: number; isInk(x: number, y: number): boolean } {
  const columns = png.readUInt32BE(16);
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const lineBytes = columns * channels;
  const rows = Buffer.alloc((raw.length / (lineBytes + 1)) * lineBytes);
  for (let y = 0; y * (lineBytes + 1) < raw.length; y++) {
    const filter = raw[y * (lineBytes + 1)]!;
    for (let i = 0; i < lineBytes; i++) {
      const left = i >= channels ? rows[y * lineBytes + i - channels]! : 0;
      const up = y > 0 ? rows[(y - 1) * lineBytes + i]! : 0;
      const corner = y > 0 && i >= channels ? rows[(y - 1) * lineBytes + i - channels]! : 0;
      const guess = filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : filter === 4 ? paeth(left, up, corner) : 0;
      rows[y * lineBytes + i] = raw[y * (lineBytes + 1) + 1 + i]! + guess;
    }
  }
  return { columns, isInk: (x, y) => [0, 1, 2].some((channel) => Math.abs(rows[y * lineBytes + x * channels + channel]! - rows[channel]!) > 60) };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
