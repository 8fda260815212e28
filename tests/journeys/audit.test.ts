/* The audit log as an administrator looks through it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { openAuditKeys, verifyExport } from "#src/rooms/audit/audit.ts";
import { operator } from "#src/commands/command.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();

describe("the audit log's page", { skip: "missing" in found ? found.missing : false }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let team: string;
  let cookie: string;
  let editor: string;
  before(async () => {
    kliv = await startTestServer();
    const mine = await kliv.makeTeam("watched");
    const other = await kliv.makeTeam("editor");
    ({ team } = mine);
    await kliv.running.app.rooms.teams.addMember({ team, email: other.email, role: "editor", by: operator, mayMakeOwners: false });
    cookie = await kliv.makeSession(mine.email);
    editor = await kliv.makeSession(other.email);
    for (let at = 0; at < 60; at++) await kliv.api("PATCH", `/api/v1/teams/${team}`, { cookie, body: { name: `チーム ${at}` } });
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (options: BrowserContextOptions, work: (page: Page) => Promise<void>, as = cookie): Promise<void> => {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    try {
      const [name = "", value = ""] = as.split("=");
      await context.addCookies([{ name, value, url: kliv.config.origin, secure: true }]);
      // With two teams, the one that is looked at.
      await context.addInitScript(`localStorage.setItem("kliv.team", ${JSON.stringify(team)})`);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
      await page.goto(`${kliv.config.origin}/team`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };

  it("is reached from the team, says that the log is whole, shows more on demand, filters, and opens an event", () =>
    open({}, async (page) => {
      await page.getByRole("link", { name: "Audit log" }).click();
      await page.getByText("The log is as it was written").waitFor();
      const rows = page.locator("tbody tr");
      await rows.first().waitFor();
      assert.equal(await rows.count(), 50);
      await page.getByRole("button", { name: "Show older events" }).click();
      await page.getByRole("button", { name: "Made the team" }).waitFor();
      assert.equal(await rows.count(), 63);
      await page.getByLabel("What", { exact: true }).selectOption("member:create");
      await page.waitForURL(/action=member/);
      await rows.nth(1).waitFor({ state: "detached" });
      assert.match(await rows.first().innerText(), /Added a member/);
      await page.getByRole("button", { name: "Remove the filters" }).click();
      await page.getByRole("searchbox").fill("nobody did this");
      await page.getByText("No event fits").waitFor();
      await page.getByRole("searchbox").fill("WATCHED");
      await rows.nth(49).waitFor();
      await rows.first().getByRole("button").click();
      const dialog = page.getByRole("dialog");
      assert.match(await dialog.innerText(), /team:update[\s\S]*evt_/);
    }));

  it("exports a file that verifies with the public key, and shows that as an event", () =>
    open({}, async (page) => {
      await page.getByRole("link", { name: "Audit log" }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export" }).click()]);
      const lines = readFileSync(await download.path(), "utf8").trimEnd().split("\n");
      const { trouble, size } = await verifyExport(() => lines, openAuditKeys(kliv.config.home));
      assert.deepEqual([trouble, size], [null, 64]);
      await page.getByRole("button", { name: "Exported this log" }).waitFor();
    }));

  for (const [colorScheme, locale, title] of [["light", "en-GB", "Audit log"], ["dark", "ja-JP", "監査ログ"]] as const) {
    it(`is accessible (${colorScheme}, ${locale}), and needs no sideways scrolling on the narrowest phone`, () =>
      open({ colorScheme, locale, viewport: { width: 320, height: 640 } }, async (page) => {
        await page.getByRole("link", { name: title }).click();
        await page.locator("tbody tr").first().waitFor();
        await page.locator("details summary").click();
        assert.equal(await page.locator("h1").innerText(), title);
        assert.deepEqual(await axeFindings(page), []);
        const width = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(Number(width) <= 320, `${String(width)} pixels wide`);
      }));
  }

  it("is not there for who does not administer the team", () =>
    open({}, async (page) => {
      await page.locator("h1").waitFor();
      assert.equal(await page.getByRole("link", { name: "Audit log" }).count(), 0);
      await page.goto(`${kliv.config.origin}/audit`);
      await page.getByText("There is nothing at this address").waitFor();
    }, editor));
});
