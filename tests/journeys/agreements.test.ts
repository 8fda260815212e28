/* The operator's documents, as who signs up, who comes back and who only reads meets them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const waitMs = 20_000;

describe("privacy policy and terms", { skip: "missing" in found ? found.missing : false, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  before(async () => {
    kliv = await startTestServer({ KLIV_OPERATOR_NAME: "Example Data Ltd" });
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (path: string, options: BrowserContextOptions & { session?: string }, work: (page: Page) => Promise<void>): Promise<void> => {
    const { session, ...rest } = options;
    const context = await browser.newContext(rest);
    try {
      if (session) await context.addCookies([{ name: "__Host-kliv", value: session.split("=")[1]!, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
      const page = await context.newPage();
      page.setDefaultTimeout(waitMs);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => void (/Content Security Policy/.test(message.text()) && complaints.push(message.text())));
      await page.goto(`${kliv.config.origin}${path}`);
      await work(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  };
  const publish = (kind: "privacy" | "terms", text: string) =>
    kliv.running.app.rooms.agreements.publish({ kind, texts: { en: text, ja: text }, changes: { en: `Now it says: ${text}`, ja: `変更：${text}` }, by: operator });
  const home = (page: Page) => page.getByRole("heading", { name: /From a file to a report|ファイルから/ }).waitFor();
  const acceptedBy = async (session: string): Promise<string[]> =>
    (await kliv.api("GET", "/api/v1/me/agreements", { cookie: session })).json.items.map((one: any) => `${one.kind} ${one.version} ${one.language} ${one.method}`).sort();

  for (const path of ["/privacy", "/terms"]) {
    for (const colorScheme of ["light", "dark"] as const) {
      it(`${path} is accessible and has no scripts (${colorScheme}), and fits the narrowest phone`, () =>
        open(path, { colorScheme, locale: colorScheme === "dark" ? "ja-JP" : "en-GB", viewport: { width: 320, height: 640 } }, async (page) => {
          assert.deepEqual(await axeFindings(page), []);
          assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 320);
          assert.equal(await page.evaluate("document.scripts.length"), 0);
          const link = page.locator(".frame-footer").getByRole("link", { name: /^(Privacy|プライバシー)$/ });
          assert.equal(await link.getAttribute("aria-current"), path === "/privacy" ? "page" : null);
        }));
    }
  }

  it("who signs up ticks that they accept, and is not asked again", async () => {
    const user = await kliv.running.app.postgres.transaction({}, (tx) => kliv.running.app.rooms.teams.createUser(tx, { email: "new@example.com", name: "New" }));
    const link = await kliv.running.app.postgres.transaction({}, (tx) => kliv.running.app.rooms.signin.createLink(tx, user, kliv.config.origin));
    await open(link.slice(kliv.config.origin.length), { locale: "ja-JP", viewport: { width: 390, height: 844 } }, async (page) => {
      await page.getByLabel("新しいパスワード").fill("a few unrelated words");
      const box = page.getByRole("checkbox", { name: /利用規約.*プライバシーポリシー.*に同意して/ });
      assert.deepEqual(await axeFindings(page), []);
      await page.getByRole("button", { name: "パスワードを設定" }).click();
      assert.equal(await box.evaluate((one) => (one as unknown as { validity: { valueMissing: boolean } }).validity.valueMissing), true);
      await box.check();
      await page.getByRole("button", { name: "パスワードを設定" }).click();
      await home(page);
      const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "__Host-kliv");
      assert.deepEqual(await acceptedBy(`__Host-kliv=${cookie!.value}`), ["privacy 1 ja sign-up", "terms 1 ja sign-up"]);
    });
  });

  it("who has not accepted is asked before anything else, and once", async () => {
    const { email } = await kliv.makeTeam("asked");
    const session = await kliv.makeSession(email, { agrees: false });
    await open("/databases", { locale: "en-GB", viewport: { width: 390, height: 844 }, session }, async (page) => {
      await page.getByRole("heading", { name: "Before you start" }).waitFor();
      assert.equal(await page.getByRole("link", { name: "Databases" }).count(), 0);
      assert.deepEqual(await axeFindings(page), []);
      const [shown] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: /Read it \(Terms/ }).click()]);
      assert.equal(await shown.locator("h1").innerText(), "Terms of service");
      await page.getByRole("button", { name: "Accept and go on" }).click();
      await page.getByRole("heading", { name: "Databases" }).waitFor();
      assert.deepEqual(await acceptedBy(session), ["privacy 1 en asked", "terms 1 en asked"]);
      await page.reload();
      await page.getByRole("heading", { name: "Databases" }).waitFor();
      await page.goto(`${kliv.config.origin}/account`);
      await page.getByText("accepted on").first().waitFor();
      assert.deepEqual(await axeFindings(page), []);
    });
  });

  it("a new version is asked for when the app is opened next, with what is different; another one meanwhile is shown too", async () => {
    const { email } = await kliv.makeTeam("back");
    const session = await kliv.makeSession(email);
    await open("/", { locale: "en-GB", colorScheme: "dark", session }, async (page) => {
      await home(page);
      await publish("terms", "Be kind.");
      await page.getByRole("link", { name: "Databases" }).click();
      await page.getByRole("heading", { name: "Databases" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Something has changed" }).waitFor();
      await page.getByText("Now it says: Be kind.").waitFor();
      await page.getByText("You accepted version 1 on").waitFor();
      const [compared] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", { name: "Compare with version 1" }).click()]);
      await compared.locator(".agreement-added").getByText("Be kind.").waitFor();
      assert.deepEqual(await axeFindings(compared), []);
      assert.equal(await page.getByRole("heading", { name: "Privacy policy" }).count(), 0);
      assert.deepEqual(await axeFindings(page), []);
      await publish("terms", "Be kind and fair.");
      await page.getByRole("button", { name: "Accept and go on" }).click();
      await page.getByText("Now it says: Be kind and fair.").waitFor();
      await page.getByRole("button", { name: "Accept and go on" }).click();
      await page.getByRole("heading", { name: "Databases" }).waitFor();
      assert.deepEqual(await acceptedBy(session), ["privacy 1 en sign-up", "terms 1 en sign-up", "terms 3 en asked"]);
    });
  });

  it("who does not accept signs out, and nothing is recorded", async () => {
    const { email } = await kliv.makeTeam("no");
    await open("/", { locale: "ja-JP", session: await kliv.makeSession(email, { agrees: false }) }, async (page) => {
      await page.getByRole("heading", { name: "ご利用の前に" }).waitFor();
      await page.getByRole("button", { name: "サインアウト" }).click();
      await page.getByRole("heading", { name: "サインイン" }).waitFor();
    });
    const session = await kliv.makeSession(email, { agrees: false });
    assert.deepEqual(await acceptedBy(session), []);
  });

  it("the footer's change of language stays at the version that is read", async () => {
    await publish("terms", "Be brief.");
    await open("/terms?version=1", { locale: "ja-JP" }, async (page) => {
      await page.getByText("これは以前の版です").waitFor();
      await page.getByRole("link", { name: "English" }).click();
      await page.getByText("This is an earlier version").waitFor();
      assert.match(page.url(), /version=1&lang=en$/);
    });
  });
});
