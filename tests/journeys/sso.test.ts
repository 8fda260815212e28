/* A real browser between Kliv and a real identity provider: cookies, forms of another site and policies as they are. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { noIdp, startCorp } from "#src/rooms/saml/testing.ts";
import type { Corp } from "#src/rooms/saml/testing.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";

const found = await findBrowser();
const skip = "missing" in found ? found.missing : noIdp;

describe("a journey through an organization's sign-in page", { skip, timeout: 120_000 }, () => {
  let corp: Corp;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  before(async () => {
    corp = await startCorp();
    corp.person("hana", { mail: ["hana@corp.example"], displayName: ["Hana 花"] });
    browser = await startBrowser(found as Exclude<typeof found, { missing: string }>, { port: Number(new URL(corp.kliv.config.origin).port), ca: corp.kliv.ca });
    page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    page.setDefaultTimeout(20_000);
    // The provider's pages are its own business.
    page.on("pageerror", (error) => page.url().startsWith(corp.kliv.config.origin) && complaints.push(error.message));
    page.on("console", (message) => {
      if (page.url().startsWith(corp.kliv.config.origin) && /Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
  });
  after(async () => {
    await browser?.close();
    await corp?.close();
  });

  it("by the address to the provider, back in with an account, and out of both", async () => {
    const { origin } = corp.kliv.config;
    await page.goto(`${origin}/signin?to=%2Freports`);
    await page.getByRole("button", { name: "Sign in with SSO" }).click();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel("Work e-mail address").fill("hana@corp.example");
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.locator("#username").fill("hana");
    await page.locator("#password").fill("pass");
    await page.locator("#password").press("Enter");
    // Its page sends itself on where scripts of its own are served; here a person does.
    await page.getByRole("button", { name: "Submit" }).click();
    await page.waitForURL(`${origin}/reports`);
    const cookies = await page.context().cookies(origin);
    assert.deepEqual(cookies.filter(({ name }) => name.startsWith("__Host-kliv")).map(({ name, sameSite, secure, httpOnly }) => [name, sameSite, secure, httpOnly]).sort(), [["__Host-kliv", "Lax", true, true], ["__Host-kliv-saml", "None", true, true]]);
    await page.getByRole("button", { name: "Accept and go on" }).click();
    await page.getByTitle("Hana 花 · corp").click();
    await page.getByRole("menuitem", { name: /Sign out/ }).click();
    await page.waitForURL(`${origin}/signin`);
    // The provider asks for the password again: its own session is over too.
    await page.goto(`${origin}/signin/saml/${corp.connection}`);
    await page.locator("#password").waitFor();
    assert.deepEqual(complaints, []);
  });

  it("an administrator sees the connection, claims a domain, and makes the directory's token", async () => {
    const { origin } = corp.kliv.config;
    const [name = "", value = ""] = (await corp.kliv.makeSession(corp.owner.email)).split("=");
    const context = await browser.newContext({ locale: "en-GB" });
    await context.addCookies([{ name, value, url: origin, secure: true, sameSite: "Lax" }]);
    const admin = await context.newPage();
    admin.setDefaultTimeout(20_000);
    await admin.goto(`${origin}/team/sso`);
    await admin.getByRole("heading", { name: "Corp", exact: true }).waitFor();
    await admin.getByLabel("Domain", { exact: true }).fill("second.example");
    await admin.getByRole("button", { name: "Add domain" }).click();
    await admin.getByText(/kliv-domain=[\w-]{43}/).waitFor();
    await admin.getByRole("button", { name: "Make a token" }).click();
    await admin.getByText(/kliv_scim_[\w-]{43}/).waitFor();
    assert.deepEqual(await axeFindings(admin), []);
    await admin.getByRole("button", { name: "Settings" }).click();
    await admin.getByLabel("Role by value").fill("staff=owner");
    await admin.getByText("Not understood: staff=owner").waitFor();
    assert.deepEqual(await axeFindings(admin), []);
    await context.close();
  });

  it("a forged link to a connection that is none says so on the sign-in page", async () => {
    await page.goto(`${corp.kliv.config.origin}/signin/saml/none`);
    await page.getByRole("alert").waitFor();
    assert.match(page.url(), /\/signin\?problem=NOT_FOUND/);
  });
});
