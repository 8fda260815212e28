/* A file is dropped, its mistakes are corrected before anything is imported, and the next one is read the same way. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { encode } from "#src/rooms/databases/import/testing.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const pictures = process.env.KLIV_PICTURES;
const shops = encode("店舗コード,店名,開店日,売上\n0012,表参道,2026-01-05,1200\n0345,梅田,2026-02-01,980\nA07,大通,2026-03-11,1500\n", "shift_jis");

describe("a look before the import", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let session: string;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
    mine = await kliv.makeTeam("looks");
    session = await kliv.makeSession("looks@example.com");
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    try {
      await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      await page.goto(`${kliv.config.origin}/databases/new`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const drop = (page: Page, files: { name: string; buffer: Buffer }[]): Promise<void> => page.getByTestId("files").first().setInputFiles(files.map((file) => ({ mimeType: "text/csv", ...file })));
  const rowsOf = async (name: string): Promise<unknown> => {
    const { items } = (await kliv.api("GET", `/api/v1/teams/${mine.team}/databases`, { token: mine.token })).json;
    const { id, tables } = items.find((one: { name: string }) => one.name === name);
    return (await kliv.api("POST", `/api/v1/databases/${id}/query`, { token: mine.token, body: { sql: `select * from "${tables[0].name}"` } })).json.rows;
  };

  it("shows the file, takes corrections, says what does not fit, and imports as corrected", () =>
    open({ locale: "en-GB" }, async (page) => {
      await drop(page, [{ name: "shops.csv", buffer: shops }]);
      await page.getByRole("cell", { name: "表参道" }).waitFor();
      assert.match(await page.getByLabel("Encoding").locator("option:checked").innerText(), /Shift_JIS/);
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "preview");
      await page.getByLabel("Type of 店舗コード").selectOption({ label: "Whole number" });
      await page.getByText("Some cells are not of the type you chose").waitFor();
      await page.getByText("“A07” in line 4").waitFor();
      await shoot(page, "preview-misfit");
      // Whoever imports all the same is stopped at that line, and goes on from there.
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByText('"A07" in the column 店舗コード').waitFor();
      await page.getByLabel("Where a cell does not fit").selectOption({ label: "Leave the cell empty" });
      await page.getByLabel("Name of the column 店名").fill("shop");
      await page.getByLabel("Name of the column 店名").press("Enter");
      await page.getByLabel("Type of shop").waitFor();
      await page.getByLabel("Import the column 売上").uncheck();
      await page.getByRole("cell", { name: "1200" }).and(page.locator(".line-through")).waitFor();
      await page.getByLabel("Table name").fill("places");
      await page.getByLabel("Table name").press("Enter");
      await page.getByRole("region", { name: "First rows of places" }).waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("heading", { name: "shops", level: 1 }).waitFor();
      assert.deepEqual(await rowsOf("shops"), [[12, "表参道", "2026-01-05"], [345, "梅田", "2026-02-01"], [null, "大通", "2026-03-11"]]);
    }));

  it("several files are imported at one button", () =>
    open({ locale: "en-GB" }, async (page) => {
      await drop(page, [{ name: "first.csv", buffer: Buffer.from("a,b\n1,2\n") }, { name: "second.csv", buffer: Buffer.from("c\nx\n") }]);
      await page.getByRole("button", { name: "Import all 2" }).click();
      await page.getByRole("link", { name: "Open", exact: true }).nth(1).waitFor();
      assert.deepEqual([await rowsOf("first"), await rowsOf("second")], [[[1, 2]], [["x"]]]);
    }));

  it("cells from a spreadsheet are pasted, into the page or into the field", () =>
    open({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "Paste data" }).waitFor();
      await page.evaluate(`{
        const data = new DataTransfer();
        data.setData("text/plain", 'city\\tnote\\n東京\\t"two\\nlines"\\n');
        dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
      }`);
      await page.getByRole("cell", { name: "two lines" }).waitFor();
      await page.getByRole("button", { name: "Paste data" }).click();
      await page.getByLabel("Data", { exact: true }).fill("a;b\n1;2\n");
      assert.deepEqual(await axeFindings(page), []);
      await shoot(page, "preview-paste");
      await page.getByRole("button", { name: "Look at it" }).click();
      await page.getByRole("button", { name: "Import all 2" }).waitFor();
      await page.getByLabel("Name for pasted.tsv").fill("cells");
      await page.getByRole("button", { name: "Import all 2" }).click();
      await page.getByRole("link", { name: "Open", exact: true }).nth(1).waitFor();
      assert.deepEqual([await rowsOf("cells"), await rowsOf("Pasted data")], [[["東京", "two\nlines"]], [[1, 2]]]);
    }));

  it("a file that waits is still there after the page was loaded again", () =>
    open({ locale: "en-GB" }, async (page) => {
      await drop(page, [{ name: "waits.csv", buffer: Buffer.from("a,b\n1,still here\n") }]);
      await page.getByRole("cell", { name: "still here" }).waitFor();
      await page.reload();
      await page.getByRole("cell", { name: "still here" }).waitFor();
      await page.getByRole("button", { name: "Discard waits.csv" }).click();
      await page.getByRole("cell", { name: "still here" }).waitFor({ state: "detached" });
    }));

  it("an address that leads inside is refused, with the reason", () =>
    open({ locale: "en-GB" }, async (page) => {
      await page.getByRole("button", { name: "From a URL" }).click();
      await page.getByLabel("Address of the file").fill("http://example.com/x.csv");
      await page.getByRole("button", { name: "Fetch it" }).click();
      await page.getByText("This is no https address.").waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await page.getByLabel("Address of the file").fill("https://169.254.169.254/latest/meta-data");
      await page.getByRole("button", { name: "Fetch it" }).click();
      await page.getByText("the address is within a private network").waitFor();
      await shoot(page, "preview-url");
    }));

  it("a new version is read as the one before", () =>
    open({ locale: "ja-JP", viewport: { width: 390, height: 844 } }, async (page) => {
      await page.goto(`${kliv.config.origin}/databases`);
      await page.getByRole("link", { name: "shops" }).click();
      await page.getByRole("button", { name: "その他" }).click();
      await page.getByRole("menuitem", { name: "内容を差し替える…" }).click();
      await drop(page, [{ name: "shops-2.csv", buffer: encode("店舗コード,店名,開店日,売上\n0099,栄,2026-04-01,1\n", "shift_jis") }]);
      await page.getByRole("cell", { name: "99", exact: true }).waitFor();
      await shoot(page, "preview-phone");
      await page.getByRole("button", { name: "新しいバージョンとして取り込む" }).click();
      await page.getByText("完了").waitFor();
      assert.deepEqual(await rowsOf("shops"), [[99, "栄", "2026-04-01"]]);
    }));
});
