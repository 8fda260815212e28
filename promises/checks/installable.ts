import type { CheckContext, Reply } from "#src/rooms/trust/promise.ts";
import { header } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** Where the web app's service worker lies: at the root, so that it may serve every page. */
export const serviceWorkerPath = "/sw.js";
const iconsNeeded = [192, 512];
const displays = ["standalone", "fullscreen", "minimal-ui"];

interface Icon {
  src?: string;
  sizes?: string;
  type?: string;
}

/** What browsers on desktop, Android and iOS ask of a page before they offer to install it. */
export async function checkInstallable(context: CheckContext, sight: Sight): Promise<void> {
  const missing = await findMissing(context);
  sight.facts.installable = missing.length === 0;
  for (const part of missing) sight.breach(`The web app cannot be installed: ${part.en}.`, `ウェブアプリをインストールできません：${part.ja}。`);
}

async function findMissing({ request }: CheckContext): Promise<{ en: string; ja: string }[]> {
  const page = (await request("GET", "/")).bytes.toString("utf8");
  const link = linkOf(page, "manifest");
  if (!link) return [{ en: "the page names no manifest", ja: "ページにマニフェストの指定がありません" }];
  const found = await request("GET", pathOf(link, "/"));
  const manifest = readJson(found);
  if (!manifest) return [{ en: `the manifest was answered with ${found.status}`, ja: `マニフェストの応答が${found.status}でした` }];
  const missing: { en: string; ja: string }[] = [];
  const lack = (isThere: boolean, en: string, ja: string): void => {
    if (!isThere) missing.push({ en, ja });
  };
  lack(typeof manifest.name === "string" && manifest.name !== "", "the manifest has no name", "マニフェストに名前がありません");
  lack(typeof manifest.start_url === "string", "the manifest has no start_url", "マニフェストにstart_urlがありません");
  lack(displays.includes(manifest.display), "the manifest's display is that of a browser tab", "マニフェストのdisplayがアプリ表示になっていません");
  const base = pathOf(link, "/");
  const sizes = await drawnSizes({ request, icons: Array.isArray(manifest.icons) ? manifest.icons : [], base });
  for (const size of iconsNeeded) lack(sizes.some((one) => one >= size), `there is no PNG icon of ${size} pixels`, `${size}ピクセルのPNGアイコンがありません`);
  const touch = linkOf(page, "apple-touch-icon");
  lack(touch !== null && pngSize(await request("GET", pathOf(touch, "/"))) !== null, "there is no icon for iOS", "iOS用のアイコンがありません");
  const worker = await request("GET", serviceWorkerPath);
  const isScript = worker.status === 200 && /javascript/.test(header(worker, "content-type")) && worker.bytes.length > 0;
  lack(isScript, "there is no service worker", "サービスワーカーがありません");
  return missing;
}

async function drawnSizes({ request, icons, base }: { request: CheckContext["request"]; icons: Icon[]; base: string }): Promise<number[]> {
  const sizes: number[] = [];
  for (const icon of icons.slice(0, 10)) {
    if (typeof icon.src !== "string" || (icon.type !== undefined && icon.type !== "image/png")) continue;
    const size = pngSize(await request("GET", pathOf(icon.src, base)));
    // What the picture is, not what the manifest says of it.
    if (size !== null) sizes.push(size);
  }
  return sizes;
}

function pngSize(reply: Reply): number | null {
  const { status, bytes } = reply;
  if (status !== 200 || bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return null;
  return Math.min(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
}

function linkOf(page: string, rel: string): string | null {
  for (const [tag] of page.matchAll(/<link\b[^>]*>/gi)) {
    const isOurs = new RegExp(`\\brel=["']?${rel}["'\\s>]`, "i").test(tag);
    const href = /\bhref=["']?([^"'\s>]+)/i.exec(tag)?.[1];
    if (isOurs && href) return href;
  }
  return null;
}

function pathOf(reference: string, base: string): string {
  const url = new URL(reference, new URL(base, "https://localhost"));
  return url.pathname + url.search;
}

function readJson(reply: Reply): any {
  if (reply.status !== 200) return null;
  try {
    return JSON.parse(reply.bytes.toString("utf8"));
  } catch {
    return null;
  }
}
