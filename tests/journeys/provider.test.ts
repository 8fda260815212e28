/* Signing in with an account of another provider, as a person does it: through that provider's own pages and back. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { clientSecret, startCertified } from "../../src/rooms/oidc/testing.ts";
import type { Peer, Person } from "../../src/rooms/oidc/testing.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { freePort, startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const waitMs = 20_000;

describe("a journey through another provider's sign-in", { skip, timeout: 180_000 }, () => {
  const people = new Map<string, Person>([
    ["mio", { sub: "mio", email: "mio@example.com", email_verified: true, name: "Mio", locale: "en" }],
    ["taro", { sub: "taro", email: "taro@example.com", email_verified: true, name: "太郎", locale: "ja" }],
  ]);
  let kliv: TestServer;
  let peer: Peer;
  let browser: Browser;
  const complaints: string[] = [];
  before(async () => {
    const port = await freePort();
    kliv = await startTestServer({
      KLIV_OIDC_TEST_ISSUER: `http://localhost:${port}`, KLIV_OIDC_TEST_CLIENT_ID: "kliv", KLIV_OIDC_TEST_CLIENT_SECRET: clientSecret, KLIV_OIDC_TEST_TITLE: "Example ID",
      // For its button: nobody goes there.
      KLIV_OIDC_GOOGLE_CLIENT_ID: "x", KLIV_OIDC_GOOGLE_CLIENT_SECRET: "x",
    });
    peer = await startCertified({ port, redirectUri: `${kliv.config.origin}/signin/oidc/test/callback`, people });
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await peer?.close();
    await kliv?.stop();
  });

  async function open(options: Parameters<Browser["newContext"]>[0]): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(waitMs);
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text()) && page.url().startsWith(kliv.config.origin)) complaints.push(`${page.url()}: ${message.text()}`);
    });
    return { context, page };
  }
  const accessible = async (page: Page): Promise<void> => assert.deepEqual(await axeFindings(page), [], page.url());
  /** At the provider: its page for signing in, then the one that asks for consent. */
  async function signInThere(page: Page, login: string): Promise<void> {
    await page.waitForURL((url) => url.origin === peer.issuer);
    await page.locator("input[name=login]").fill(login);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    await page.locator("input[name=prompt][value=consent]").waitFor({ state: "attached" });
    await page.locator("button[type=submit]").click();
    await page.waitForURL((url) => url.origin === kliv.config.origin);
  }

  it("a new person is in after the provider's pages, and sees what is connected", async () => {
    const { context, page } = await open({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    await page.goto(`${kliv.config.origin}/signup`);
    await page.getByRole("link", { name: "Continue with Google" }).waitFor();
    await accessible(page);
    await page.getByRole("link", { name: "Continue with Example ID" }).click();
    await signInThere(page, "mio");
    // As everybody new does, whichever way they came.
    await page.getByRole("button", { name: "Accept and go on" }).click();
    await page.goto(`${kliv.config.origin}/account`);
    const section = page.locator("section", { hasText: "Connected accounts" });
    await section.getByText("mio@example.com").waitFor();
    await accessible(page);
    // It is the only way in.
    await section.getByRole("button", { name: /Disconnect Example ID/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByText("It is your only way to sign in").waitFor();
    await context.close();
  });

  it("who has an account already shows it once, and is connected", async () => {
    const { email } = await kliv.makeTeam("taro");
    await kliv.makeSession(email);
    const { context, page } = await open({ locale: "ja-JP", viewport: { width: 390, height: 844 } });
    await page.goto(`${kliv.config.origin}/signin?to=%2Fdatabases`);
    const button = page.getByRole("link", { name: "Example IDで続ける" });
    await button.waitFor();
    await accessible(page);
    await button.click();
    await signInThere(page, "taro");
    await page.getByText("このメールアドレスのアカウントはすでにあります").waitFor();
    await accessible(page);
    await page.getByLabel(/メールアドレスまたは/).fill(email);
    await page.locator("input[name=password]").fill(`of ${email} for one test`);
    await page.locator("button[type=submit]").click();
    await page.getByText("接続しました").waitFor();
    assert.equal(new URL(page.url()).pathname, "/databases");
    await page.goto(`${kliv.config.origin}/account`);
    const section = page.locator("section", { hasText: "接続済みのアカウント" });
    await section.getByText("taro@example.com").waitFor();
    await accessible(page);
    // Off again, after a while only with a proof; and on again from here: the provider still knows its person, and asks for nothing.
    kliv.clock.move(600_001);
    await section.getByRole("button", { name: /接続を解除/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "接続を解除" }).click();
    await page.getByText("ご本人であることを確認してください").waitFor();
    await page.locator("input[name=password]").fill(`of ${email} for one test`);
    await page.getByRole("dialog").locator("button[type=submit]").last().click();
    await section.getByText("まだありません").waitFor();
    await section.getByRole("button", { name: "Example IDを接続" }).click();
    await page.getByText("接続しました").waitFor();
    await section.getByText("taro@example.com").waitFor();
    await context.close();
  });

  it("who is invited may come in with the other account, and joins", async () => {
    people.set("ken", { sub: "ken", email: "ken@example.com", email_verified: true, name: "Ken" });
    const { team, token } = await kliv.makeTeam("inviters");
    assert.equal((await kliv.api("POST", `/api/v1/teams/${team}/invitations`, { token, body: { email: "ken@example.com", role: "editor" } })).status, 201);
    const folder = join(kliv.config.home, "mail");
    const letter = readFileSync(join(folder, readdirSync(folder).sort().at(-1) as string), "utf8").replace(/=\r?\n/g, "").replaceAll("=3D", "=");
    const { context, page } = await open({ locale: "en-GB", viewport: { width: 390, height: 844 } });
    await page.goto(`${kliv.config.origin}/invitation?link=${/invitation\?link=([\w-]+)/.exec(letter)?.[1]}`);
    await page.getByRole("link", { name: "Continue with Example ID" }).click();
    await signInThere(page, "ken");
    await page.getByRole("button", { name: "Join the team" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    const { teams } = kliv.running.app.rooms;
    assert.ok((await teams.members({ team, limit: 10 })).some((member) => member.user.email === "ken@example.com" && member.role === "editor"));
    await context.close();
  });

  it("says in words what went wrong on the way", async () => {
    const { context, page } = await open({ locale: "en-GB", viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    await page.goto(`${kliv.config.origin}/signin/oidc/test/callback?code=stolen&state=stolen`);
    await page.getByText("This sign-in cannot be continued").waitFor();
    await accessible(page);
    await context.close();
    assert.deepEqual(complaints, []);
  });
});
