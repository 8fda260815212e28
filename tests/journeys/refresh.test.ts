/* A database is refreshed from an address: set up, seen to change, seen to fail, and ended. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;

describe("a scheduled refresh", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let session: string;
  let database: string;
  const file = { body: "city,people\n東京,14\n", status: 200 };
  const elsewhere = createServer((_, response) => response.writeHead(file.status).end(file.body));
  before(async () => {
    await new Promise<void>((done) => elsewhere.listen(0, "127.0.0.1", done));
    kliv = await startTestServer({ KLIV_OUTBOUND_PRIVATE: "localhost" });
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    const { team, token } = await kliv.makeTeam("refreshes");
    database = (await kliv.api("POST", `/api/v1/teams/${team}/databases?name=Cities`, { token, body: Buffer.from("city,people\n大阪,9\n"), headers: { "x-filename": "cities.csv" } })).json.id;
    session = await kliv.makeSession("refreshes@example.com");
  });
  after(async () => {
    await browser?.close();
    elsewhere.close().closeAllConnections();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      await page.goto(`${kliv.config.origin}/databases/${database}`);
      await work(page);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };

  it("is set up, brings the new file, and tells when it fails", () =>
    open({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Set up a refresh" }).click();
      await page.getByLabel("Address of the file").fill("https://192.168.1.1/x.csv");
      await page.getByRole("button", { name: "Save and refresh" }).click();
      await page.getByText("the address is within a private network").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "refresh-dialog");
      await page.getByLabel("Address of the file").fill(`http://localhost:${(elsewhere.address() as AddressInfo).port}/cities.csv?secret=x`);
      await page.getByRole("button", { name: "Save and refresh" }).click();
      await page.getByText("Version 2", { exact: false }).first().waitFor();
      await page.getByRole("cell", { name: "東京" }).first().waitFor();
      await page.getByText(/^changed/).waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "refresh");
      file.status = 503;
      await page.getByRole("button", { name: "Refresh now" }).click();
      await page.getByText("answered with status 503").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "refresh-failed");
    }));

  it("is ended, on a phone and in Japanese as well", () =>
    open({ locale: "ja-JP", viewport: { width: 390, height: 844 }, colorScheme: "dark" }, async (page) => {
      await page.getByText("前回の更新に失敗しました").waitFor();
      await page.getByRole("button", { name: "変更…" }).click();
      await page.getByLabel("取得元").selectOption("s3");
      await page.getByLabel("アクセスキーID").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "refresh-phone");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "定期更新をやめる" }).click();
      await page.getByText("このデータベースは、ファイルのアップロードか行の追加でのみ更新されます。").waitFor();
    }));
});
