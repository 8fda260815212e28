import { execFileSync, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { connect } from "node:tls";
import { createBrotliDecompress } from "node:zlib";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

/*
 * A real Chromium for journeys: Debian's where it is installed, else the one inside the npm package @sparticuz/chromium,
 * unpacked once below node_modules, with the libraries that the package brings where the system lacks them.
 */

interface Program {
  path: string;
  libraries: string | null;
}

const require = createRequire(import.meta.url);
const cache = join(import.meta.dirname, "../node_modules/.cache/kliv-chromium");

/** The browser that can be had here, or why none can: in the form that a test's `skip` takes. */
export async function findBrowser(): Promise<Program | { missing: string }> {
  const installed = ["chromium", "chromium-browser", "google-chrome"].map(onPath).find((path) => path !== null);
  if (installed) return { path: installed, libraries: null };
  if (process.platform !== "linux") return { missing: `no Chromium on the PATH, and the one from npm is for Linux, not ${process.platform}` };
  const bin = join(require.resolve("@sparticuz/chromium"), "../../bin");
  const path = join(cache, "chromium");
  await unpack(join(bin, "chromium.br"), path);
  const trouble = troubleOf({ path, libraries: null });
  if (trouble === null) return { path, libraries: null };
  await unpack(join(bin, "al2023.tar.br"), join(cache, "al2023"));
  const libraries = join(cache, "al2023/lib");
  const still = troubleOf({ path, libraries });
  return still === null ? { path, libraries } : { missing: `Chromium does not run here: ${still}` };
}

function onPath(name: string): string | null {
  const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}

function variables({ libraries }: Program): NodeJS.ProcessEnv {
  return libraries === null ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries };
}

function troubleOf(program: Program): string | null {
  const { status, stderr, error } = spawnSync(program.path, ["--version", "--no-sandbox"], { encoding: "utf8", env: variables(program), timeout: 30_000 });
  return status === 0 ? null : (error?.message ?? stderr.trim().split("\n").at(-1) ?? `exit ${status}`);
}

// Under another name first: two test files may unpack at the same time.
async function unpack(file: string, target: string): Promise<void> {
  if (existsSync(target)) return;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "new-"));
  try {
    const plain = join(folder, "plain");
    await pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(plain));
    let made = plain;
    if (file.includes(".tar.")) {
      made = join(folder, "tree");
      mkdirSync(made);
      execFileSync("tar", ["-xf", plain, "-C", made]);
    } else {
      chmodSync(plain, 0o755);
    }
    if (!existsSync(target)) renameSync(made, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts it so that it trusts the certificate of this one server, checked with its own authority, and no other. */
export async function startBrowser(program: Program, server: { port: number; ca: Buffer }): Promise<Browser> {
  return await chromium.launch({
    executablePath: program.path,
    env: variables(program) as Record<string, string>,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", `--ignore-certificate-errors-spki-list=${await keyHash(server)}`],
  });
}

function keyHash({ port, ca }: { port: number; ca: Buffer }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "localhost", servername: "localhost", port, ca }, () => {
      const key = new X509Certificate(socket.getPeerCertificate().raw).publicKey.export({ type: "spki", format: "der" });
      socket.destroy();
      resolve(createHash("sha256").update(key).digest("base64"));
    });
    socket.on("error", reject);
  });
}

let axe: string | null = null;

/** What axe finds wrong on a page, by WCAG 2.2 A and AA and its best practices: the rule and the places. */
export async function axeFindings(page: Page): Promise<string[]> {
  axe ??= readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  // In the middle of a change of colours the contrast is nobody's. What never ends, as a sign of waiting, is not waited for.
  await page.evaluate("Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished.catch(() => {})))");
  // As the debugger says it: the page's own policy allows no script of ours.
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }> } };
    const { violations } = await run.run();
    return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 5).map((node) => `${id}: ${help}: ${node.target.join(" ")}: ${node.failureSummary ?? ""}`));
  });
}
