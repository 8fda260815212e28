import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { generateSync } from "otplib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { operator } from "#src/commands/command.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : false;
const waitMs = 20_000;
const passwordOf = (email: string): string => `of ${email} for one test`;

describe("two-step verification", { skip, timeout: 240_000 }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the pages complained of themselves: errors, and what the content policy refused. */
  const complaints: string[] = [];
  let recoveryCodes: string[] = [];
  let secret = "";

  before(async () => {
    kliv = await startTestServer();
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: kliv.config.port, ca: kliv.ca });
    const { team, email } = await kliv.makeTeam("hana");
    const guest = await kliv.makeTeam("kenji");
    await kliv.running.app.rooms.teams.addMember({ team, email: guest.email, role: "viewer", by: operator, mayMakeOwners: true });
    await kliv.makeSession(email);
    await kliv.makeSession(guest.email);
    ({ context, page } = await open());
  });
  after(async () => {
    await browser?.close();
    await kliv?.stop();
  });

  async function open(): Promise<{ context: BrowserContext; page: Page }> {
    const fresh = await browser.newContext({ locale: "en-GB", viewport: { width: 1100, height: 900 } });
    const made = await fresh.newPage();
    made.setDefaultTimeout(waitMs);
    made.on("pageerror", (error) => complaints.push(error.message));
    made.on("console", (message) => { if (/Content Security Policy/.test(message.text())) complaints.push(message.text()); });
    return { context: fresh, page: made };
  }
  /** An authenticator of the browser's own protocol: it verifies its person, and keeps what it makes. */
  async function authenticate(of: Page): Promise<{ presence(enabled: boolean): Promise<void> }> {
    const cdp = await of.context().newCDPSession(of);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: false },
    });
    return { presence: async (enabled) => void (await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled })) };
  }
  const codeNow = (): string => generateSync({ secret, epoch: kliv.clock.now() / 1_000 });
  const button = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });
  async function signIn(email = "hana@example.com"): Promise<void> {
    await page.goto(`${kliv.config.origin}/signin?to=/account`);
    await page.getByLabel("E-mail address or user name").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(passwordOf(email));
    await button("Sign in").click();
  }
  async function signOut(): Promise<void> {
    await context.clearCookies();
  }

  it("an app is set up with its secret and first code; the recovery codes are shown once", async () => {
    await signIn();
    await page.getByRole("heading", { name: "Two-step verification" }).waitFor();
    await button("Set up").click();
    const dialog = page.getByRole("dialog");
    secret = (await dialog.locator("code").innerText()).replaceAll(" ", "");
    assert.match(secret, /^[A-Z2-7]{32}$/);
    assert.equal(await dialog.getByRole("img").evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 100), true);
    assert.deepEqual(await axeFindings(page), []);
    await dialog.getByLabel("Code from the app").fill("000000");
    await button("Confirm").click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByLabel("Code from the app").fill(codeNow());
    await button("Confirm").click();
    await page.getByRole("heading", { name: "Keep your recovery codes" }).waitFor();
    recoveryCodes = await page.locator("[data-printed] li").allInnerTexts();
    assert.equal(recoveryCodes.length, 10);
    assert.deepEqual(await axeFindings(page), []);
    const download = page.waitForEvent("download");
    await button("Download").click();
    assert.equal((await download).suggestedFilename(), "kliv-recovery-codes.txt");
    await button("I have kept them").click();
    await page.getByText("10 of 10 left").waitFor();
    kliv.clock.move(30_000);
  });

  it("signing in asks for the code; a recovery code is the other way, once", async () => {
    await signOut();
    await signIn();
    await page.getByRole("heading", { name: "Second step" }).waitFor();
    const field = page.getByLabel("Code from your app");
    assert.deepEqual([await field.getAttribute("autocomplete"), await field.getAttribute("inputmode")], ["one-time-code", "numeric"]);
    assert.deepEqual(await axeFindings(page), []);
    await field.fill(codeNow());
    await button("Sign in").click();
    await page.getByText("10 of 10 left").waitFor();
    await signOut();
    await signIn();
    await button("Recovery code").click();
    await page.getByRole("textbox", { name: "Recovery code" }).fill(recoveryCodes[0]!.toUpperCase());
    await button("Sign in").click();
    await page.getByText("9 of 10 left").waitFor();
    await signOut();
    await signIn();
    await button("Recovery code").click();
    await page.getByRole("textbox", { name: "Recovery code" }).fill(recoveryCodes[0]!);
    await button("Sign in").click();
    await page.getByRole("alert").getByText("each code works once").waitFor();
  });

  it("a passkey is registered after a proof, is the second step, and signs in by itself", async () => {
    kliv.clock.move(30_000);
    const key = await authenticate(page);
    await button("Code from your app").click();
    await page.getByLabel("Code from your app").fill(codeNow());
    await button("Sign in").click();
    await page.getByText("9 of 10 left").waitFor();
    kliv.clock.move(700_000);
    await button("Add a passkey").click();
    await page.getByLabel("Name", { exact: true }).last().fill("仕事用");
    await page.getByRole("dialog").getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("heading", { name: "Please confirm that it is you" }).waitFor();
    await key.presence(true);
    await page.getByRole("textbox", { name: "Password" }).fill(passwordOf("hana@example.com"));
    await button("Confirm").click();
    await page.getByText("仕事用").waitFor();
    await page.getByText("not used yet").waitFor();
    await key.presence(false);
    await signOut();
    await signIn();
    await button("Passkey or security key").click();
    await key.presence(true);
    await button("Use a passkey").click();
    await page.getByText("9 of 10 left").waitFor();
    await signOut();
    // As the browser offers it beside the name, without any button: this authenticator, once somebody is there, picks what is offered.
    await page.goto(`${kliv.config.origin}/signin?to=/account`);
    await page.getByText("9 of 10 left").waitFor();
    // And by the button, as in a browser that offers nothing.
    await signOut();
    await page.addInitScript("PublicKeyCredential.isConditionalMediationAvailable = async () => false");
    await page.goto(`${kliv.config.origin}/signin?to=/account`);
    await button("Use a passkey").click();
    await page.getByText("9 of 10 left").waitFor();
  });

  it("a team that requires it is closed to who has none, and says where to go", async () => {
    await page.goto(`${kliv.config.origin}/team`);
    await page.getByRole("checkbox", { name: "Required of everyone in the team" }).click();
    await page.getByText("Required from now on").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await context.close();
    ({ context, page } = await open());
    await page.goto(`${kliv.config.origin}/signin`);
    await signIn("kenji@example.com");
    await page.getByRole("heading", { name: "Two-step verification" }).waitFor();
    await page.getByRole("button", { name: /kenji/ }).click();
    await page.getByRole("menuitemradio", { name: "hana" }).click();
    await page.goto(`${kliv.config.origin}/reports`);
    await page.getByRole("heading", { name: "hana requires two-step verification" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByRole("link", { name: "Set it up" }).click();
    const key = await authenticate(page);
    await key.presence(true);
    await button("Add a passkey").click();
    await page.getByRole("dialog").getByRole("button", { name: "Add a passkey" }).click();
    await button("I have kept them").click();
    await page.getByRole("link", { name: "Reports" }).click();
    await page.getByRole("heading", { name: "Reports", exact: true }).waitFor();
  });

  it("the last one is removed with a warning, and the password is enough again", async () => {
    await page.goto(`${kliv.config.origin}/account`);
    await page.getByRole("button", { name: /^More actions: / }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await page.getByText("This is your last one").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Off: your account is protected by its password alone.").waitFor();
    await signOut();
    await signIn("kenji@example.com");
    await page.getByText("Off: your account is protected by its password alone.").waitFor();
    assert.deepEqual(complaints, []);
  });
});
