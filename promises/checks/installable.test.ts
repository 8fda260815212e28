import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { findBrowser, startBrowser } from "../../tests/browser.ts";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";

const found = await findBrowser();

/** The check reads what browsers ask for; here a real browser reads it, keeps it and opens it. */
describe("TLS-1: the web app installs", { skip: "missing" in found ? found.missing : false }, () => {
  let kliv: TestServer;
  let browser: Browser;
  before(async () => {
    kliv = await startTestServer();
    if (!("missing" in found)) browser = await startBrowser(found, { port: kliv.config.port, ca: kliv.ca });
  });
  after(async () => {
    await browser?.close();
    await kliv.stop();
  });

  const open = async (page: Page): Promise<void> => void (await page.goto(`https://localhost:${kliv.config.port}/signin`, { waitUntil: "load" }));
  const inPage = async (work: (page: Page) => Promise<void>): Promise<void> => {
    const context = await browser.newContext();
    try {
      await work(await context.newPage());
    } finally {
      await context.close();
    }
  };
  /** What stands against installing, in the browser's own words. */
  const hindrances = async (page: Page): Promise<string[]> => {
    const debug = await page.context().newCDPSession(page);
    const { installabilityErrors } = await debug.send("Page.getInstallabilityErrors");
    // Each test's window is a private one, which installs nothing: that is the test's, not the app's.
    return installabilityErrors.map((error) => error.errorId).filter((id) => id !== "in-incognito");
  };

  it("the browser reads the manifest without a complaint, and each icon is a picture of the size that it says", () =>
    inPage(async (page) => {
      await open(page);
      const { errors, data, url } = await (await page.context().newCDPSession(page)).send("Page.getAppManifest");
      assert.deepEqual(errors, []);
      const { icons, display, start_url: start } = JSON.parse(data ?? "{}") as { icons: { src: string; sizes: string; type: string; purpose?: string }[]; display: string; start_url: string };
      assert.deepEqual([display, start], ["standalone", "/"]);
      assert.ok(icons.some(({ purpose }) => purpose === "maskable"), "an icon that Android may cut to its shape");
      for (const { src, sizes, type } of icons.filter((icon) => icon.type === "image/png")) {
        const drawn = await page.evaluate(
          `fetch(${JSON.stringify(new URL(src, url).href)}).then((reply) => reply.blob()).then((blob) => createImageBitmap(blob).then(({ width, height }) => [width + "x" + height, blob.type]))`,
        );
        assert.deepEqual(drawn, [sizes, type]);
      }
      const touch = await page.locator('link[rel="apple-touch-icon"]').getAttribute("href");
      assert.ok(touch, "an icon for iOS");
    }));

  it("the service worker starts, and then the app opens without a network", () =>
    inPage(async (page) => {
      await open(page);
      assert.equal(await page.evaluate("navigator.serviceWorker.ready.then(({ active, scope }) => active.state !== 'redundant' && new URL(scope).pathname)"), "/");
      await open(page);
      await page.locator("main, form").first().waitFor();
      await page.context().setOffline(true);
      await open(page);
      await page.locator("main, form").first().waitFor();
      assert.match(await page.title(), /Kliv/);
    }));

  it("the browser itself says that nothing stands against installing", (t) =>
    inPage(async (page) => {
      const manifest = "**/manifest.webmanifest";
      await page.route(manifest, (route) => route.fulfill({ contentType: "application/manifest+json", body: JSON.stringify({ name: "Kliv", start_url: "/", display: "browser", icons: [] }) }));
      await open(page);
      // A bare headless shell has no installing in it, and complains of nothing.
      if ((await hindrances(page)).length === 0) return t.skip("this Chromium is a headless shell, which cannot install anything");
      await page.unroute(manifest);
      await open(page);
      assert.deepEqual(await hindrances(page), []);
    }));
});
