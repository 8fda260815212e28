/* A photograph, a drawing and a document are put into a report, chosen again, and read by a stranger. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { pdf, photo } from "#src/rooms/attachments/testing.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;

describe("attachments in a browser", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let session: string;
  let report: string;
  let owner: { team: string; token: string };
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    owner = await kliv.makeTeam("attachments");
    report = (await kliv.api("POST", `/api/v1/teams/${owner.team}/reports`, { token: owner.token, body: { schema: 1, title: "Journey", language: "en", parameters: [], blocks: [] } })).json.id;
    session = await kliv.makeSession("attachments@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, path: string, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      await context.addInitScript(`localStorage.setItem("kliv.team", ${JSON.stringify(owner.team)})`);
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
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: !name.includes("dialog") });
  };
  const isDrawn = (page: Page, name: string): Promise<boolean> => page.getByRole("img", { name }).evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0);

  it("a photograph and a document are added, the first is told what it lost, and both are read by a stranger", async () => {
    await open({ locale: "en-GB" }, `/reports/${report}/edit`, async (page) => {
      await page.getByTestId("picture").first().setInputFiles({ name: "station.jpg", mimeType: "image/jpeg", buffer: await photo() });
      await page.getByText("What the camera wrote into the file").waitFor();
      await page.getByLabel("What the picture shows").fill("A station");
      await page.getByRole("img", { name: "A station" }).waitFor();
      await page.getByTestId("picture").first().setInputFiles({ name: "timetable.pdf", mimeType: "application/pdf", buffer: pdf({ pages: 2 }) });
      await page.getByRole("link", { name: "timetable.pdf" }).waitFor();
      await page.getByTestId("picture").first().setInputFiles({ name: "broken.png", mimeType: "image/png", buffer: Buffer.from("not a picture") });
      await page.getByText("The content of broken.png is none of PNG, JPEG, SVG or PDF.").waitFor();
      await shoot(page, "attachments-editor");
      assert.deepEqual(await axeFindings(page), []);
      assert.ok(await isDrawn(page, "A station"));
      await page.getByText(/^Saved/).first().waitFor();
    });
    const saved = (await kliv.api("GET", `/api/v1/reports/${report}`, { token: owner.token })).json;
    assert.deepEqual(saved.blocks.map(({ kind, attachment }: { kind: string; attachment?: string }) => [kind, typeof attachment]), [["image", "string"], ["image", "string"]]);
    const { json } = await kliv.api("POST", `/api/v1/reports/${report}/publication`, { token: owner.token, body: { visibility: "public" } });
    await open({ locale: "ja-JP", viewport: { width: 390, height: 844 }, javaScriptEnabled: false }, `/r/${json.slug}`, async (page) => {
      await page.getByRole("link", { name: "timetable.pdf" }).waitFor();
      await shoot(page, "attachments-public-phone");
    });
    await open({}, `/r/${json.slug}`, async (page) => {
      assert.ok(await isDrawn(page, "A station"));
      await shoot(page, "attachments-public");
      assert.deepEqual(await axeFindings(page), []);
    });
  });

  it("what is attached already is chosen again; what a report shows stays", () =>
    open({ locale: "ja-JP", colorScheme: "dark" }, `/reports/${report}/edit`, async (page) => {
      await page.getByRole("img", { name: "A station" }).click();
      await page.getByRole("button", { name: "チームの添付ファイル" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "timetable.pdf を表示" }).waitFor();
      await shoot(page, "attachments-dialog-ja-dark");
      assert.deepEqual(await axeFindings(page), []);
      await dialog.getByRole("button", { name: "station.jpg を削除" }).click();
      await page.getByRole("button", { name: "削除", exact: true }).click();
      await page.getByText("1 件のレポートで使われています").waitFor();
      await page.keyboard.press("Escape");
      await dialog.getByRole("button", { name: "timetable.pdf を表示" }).click();
      await page.getByRole("link", { name: "timetable.pdf" }).nth(1).waitFor();
    }));
});
