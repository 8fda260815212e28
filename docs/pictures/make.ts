import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBrowser, startBrowser } from "../../tests/browser.ts";
import { callServer, freePort } from "../../tests/server.ts";

/* Makes the pictures of the readme anew, from the sample of an empty home: `node docs/pictures/make.ts`. */

const root = join(import.meta.dirname, "../..");
const browser = await findBrowser();
if ("missing" in browser) throw new Error(browser.missing);
const home = mkdtempSync(join(tmpdir(), "kliv-pictures-"));
const port = await freePort();
const server = spawn(join(root, "bin/kliv"), ["start", "--home", home, "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((resolve) => server.once("exit", resolve));
try {
  for await (const chunk of server.stdout) if (String(chunk).includes("Sample reports are in the gallery")) break;
  const ca = readFileSync(join(home, "ca.pem"));
  const { json } = await callServer({ port, ca, method: "GET", path: "/api/v1/gallery" });
  const [newest] = json.items as { slug: string }[];
  const chromium = await startBrowser(browser, { port, ca });
  const page = await chromium.newPage({ viewport: { width: 1080, height: 760 } });
  for (const [name, path] of [["gallery", "/gallery"], ["report", `/r/${newest?.slug}`]]) {
    await page.goto(`https://localhost:${port}${path}`, { waitUntil: "networkidle" });
    await page.screenshot({ path: join(import.meta.dirname, `${name}.png`) });
  }
  await chromium.close();
} finally {
  server.kill("SIGTERM");
  await ended;
  rmSync(home, { recursive: true, force: true });
}
