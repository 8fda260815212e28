/* Working together, as people meet it: from an invitation to what is shared, and the way out. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { readLetter } from "#src/http/mailbox.ts";
import { axeFindings, findBrowser, startBrowser } from "../browser.ts";
import { startTestServer } from "../server.ts";
import type { TestServer } from "../server.ts";

const found = await findBrowser();

describe("a team", { skip: "missing" in found ? found.missing : false }, () => {
  let kliv: TestServer;
  let browser: Browser;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("owner");
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const signedIn = async (email: string): Promise<Page> => {
    const [name = "", value = ""] = (await kliv.makeSession(email)).split("=");
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    await context.addCookies([{ name, value, url: kliv.config.origin, secure: true, httpOnly: true, sameSite: "Lax" }]);
    return await context.newPage();
  };
  const mailTo = (email: string): string =>
    readdirSync(join(kliv.config.home, "mail")).sort().map((name) => readLetter(readFileSync(join(kliv.config.home, "mail", name), "utf8"))).filter((letter) => JSON.stringify(letter).includes(email)).map((letter) => JSON.stringify(letter)).at(-1) ?? "";

  it("is joined with a mailed invitation; what is shared appears, what is not does not", async () => {
    const owner = await signedIn(mine.email);
    const upload = async (name: string): Promise<string> =>
      (await kliv.api("POST", `/api/v1/teams/${mine.team}/databases?name=${name}`, { token: mine.token, body: Buffer.from("city,people\nKyoto,14\n"), headers: { "x-filename": "cities.csv" } })).json.id;
    const [secret] = [await upload("Secret"), await upload("Open")];

    await owner.goto(`${kliv.config.origin}/team`);
    await owner.getByRole("button", { name: "Invite a person" }).click();
    await owner.getByLabel("E-mail address").fill("newcomer@example.com");
    await owner.getByRole("radio", { name: /^Viewer/ }).check();
    await owner.getByRole("button", { name: "Send the invitation" }).click();
    await owner.getByText("newcomer@example.com", { exact: true }).waitFor();
    assert.deepEqual(await axeFindings(owner), []);

    await owner.goto(`${kliv.config.origin}/databases/${secret}`);
    await owner.getByRole("button", { name: "More actions", exact: true }).click();
    await owner.getByRole("menuitem", { name: "Who in the team sees it" }).click();
    await owner.getByRole("radio", { name: /Only chosen people/ }).check();
    assert.deepEqual(await axeFindings(owner), []);
    await owner.getByRole("button", { name: "Save" }).click();
    await owner.getByText("Who sees it is saved.").waitFor();

    const link = /\/invitation\?link=[\w-]+/.exec(mailTo("newcomer@example.com"))?.[0] ?? "";
    assert.notEqual(link, "");
    const context = await browser.newContext({ locale: "ja-JP", viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await page.goto(kliv.config.origin + link);
    await page.getByText("チーム「owner」に招待されています").waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel("名前").fill("新しい人");
    await page.getByLabel("新しいパスワード").fill("correct horse battery staple");
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("button", { name: "チームに参加" }).click();
    await page.waitForURL(`${kliv.config.origin}/`);
    await page.goto(`${kliv.config.origin}/databases`);
    await page.getByText("Open", { exact: true }).waitFor();
    assert.equal(await page.getByText("Secret", { exact: true }).count(), 0);
    await page.goto(`${kliv.config.origin}/databases/${secret}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.equal(await page.getByText("Kyoto").count(), 0);

    await page.goto(`${kliv.config.origin}/team`);
    await page.getByRole("button", { name: "チームを抜ける" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "チームを抜ける" }).click();
    await page.getByText("owner を抜けました").waitFor();
    await context.close();
  });

  it("is handed over, and the account's password changed, without signing in again", async () => {
    const heir = await kliv.makeTeam("heir");
    await kliv.running.app.rooms.teams.addMember({ team: mine.team, email: heir.email, role: "editor", by: { kind: "operator", user: null }, mayMakeOwners: false });
    const page = await signedIn(mine.email);
    await page.goto(`${kliv.config.origin}/team`);
    await page.getByRole("button", { name: "More actions: heir" }).click();
    await page.getByRole("menuitem", { name: "Hand over ownership" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Hand over ownership" }).click();
    await page.getByText("heir is an owner now.").waitFor();
    await page.goto(`${kliv.config.origin}/account`);
    await page.getByRole("button", { name: "Change the password" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Present password").fill(`of ${mine.email} for one test`);
    await dialog.getByLabel("New password").fill("correct horse battery staple");
    await dialog.getByRole("button", { name: "Change the password" }).click();
    await page.getByText("The password is changed.").waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Account" }).waitFor();
    assert.deepEqual(await axeFindings(page), []);
    await page.context().close();
  });
});
