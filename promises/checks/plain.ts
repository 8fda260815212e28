import { request as sendPlain } from "node:http";
import { randomBytes } from "node:crypto";
import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { offerTls } from "./hello.ts";
import { look, need, withProbes } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

const hstsSecondsMin = 31_536_000;
const silenceMs = 5_000;

// What a person, a program and a form would send.
const plainRequests = [["GET", "/"], ["GET", "/api/v1/gallery"], ["POST", "/api/v1/sessions"]] as const;

/** TLS-2. */
export function checkPlain(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Every port on which Kliv's processes listen (${facts.ports}) was called in plain HTTP: none served anything. Cookies are Secure, and outgoing connections verify TLS or stay on this machine.`,
      ja: `Klivのプロセスが待ち受ける全${facts.ports}ポートを平文のHTTPで呼び出し、何も提供されないことを確認しました。CookieにはSecure属性が付き、外向きの接続はTLSを検証するか、このマシンの中にとどまっています。`,
    }),
    async (sight) => {
      await probePorts(context, sight);
      await checkHsts(context, sight);
      await checkCookies(context, sight);
      checkOutbound(context, sight);
    },
  );
}

async function probePorts(context: CheckContext, sight: Sight): Promise<void> {
  const { ports, unseen } = await context.live.ports();
  // What the server says it listens on counts too, should the system not show it.
  const all = new Map(ports.map((one) => [one.port, one]));
  const declared = context.live.listeners();
  for (const { host, port } of declared) if (!all.has(port)) all.set(port, { host, port });
  const redirects = new Set(declared.filter((one) => one.kind === "redirect").map((one) => one.port));
  sight.facts.ports = all.size;
  sight.facts.portsNotDeclared = ports.filter((one) => !declared.some(({ port }) => port === one.port)).length;
  if (unseen !== null) sight.doubt("Not every open port of Kliv's processes could be listed on this machine.", "このマシンでは、Klivのプロセスが開いているポートの一部を確認できませんでした。");
  if (all.size === 0) sight.doubt("No open port was found to call.", "呼び出す対象のポートが見つかりませんでした。");
  for (const one of all.values()) await probePort({ context, ...one, isRedirect: redirects.has(one.port), sight });
}

async function probePort({ context, host, port, isRedirect, sight }: { context: CheckContext; host: string; port: number; isRedirect: boolean; sight: Sight }): Promise<void> {
  for (const [method, path] of plainRequests) {
    const answer = await callPlain({ context, host, port, method, path });
    if (answer === null) continue;
    const isRedirected = answer.status >= 300 && answer.status < 400 && answer.location.startsWith("https://");
    // 400 and 426 only say that this is not how to speak here.
    const isRefused = answer.status === 400 || answer.status === 426;
    if (!(isRedirected || isRefused) || answer.cookie) {
      sight.breach(`Port ${port} answered plain HTTP with ${answer.status} instead of a redirect to HTTPS.`, `ポート${port}が平文のHTTPに、HTTPSへの転送ではなく${answer.status}で応答しました。`);
      return;
    }
  }
  if (isRedirect) return;
  const { hostname } = new URL(context.origin);
  const suites = [0x1301, 0x1302];
  const modern = await offerTls({ host, port, version: "TLS 1.3", suites, serverName: hostname, signal: context.signal });
  if (modern.kind === "accepted") return;
  const older = await offerTls({ host, port, version: "TLS 1.2", suites: [0xc02b, 0xc02c, 0xc02f, 0xc030], serverName: hostname, signal: context.signal });
  if (older.kind !== "accepted") sight.breach(`Port ${port} listens and does not speak TLS.`, `ポート${port}が待ち受けていますが、TLSに対応していません。`);
}

interface PlainAnswer {
  status: number;
  location: string;
  cookie: boolean;
}

/** Null when no HTTP answer came. */
function callPlain(options: { context: CheckContext; host: string; port: number; method: string; path: string }): Promise<PlainAnswer | null> {
  const { context, host, port, method, path } = options;
  return new Promise((resolve, reject) => {
    const name = new URL(context.origin).hostname;
    const outgoing = sendPlain({ host, port, method, path, signal: context.signal, agent: false, headers: { host: `${name}:${port}`, "content-length": 0 } });
    outgoing.setTimeout(silenceMs, () => {
      resolve(null);
      outgoing.destroy();
    });
    outgoing.on("response", (incoming) => {
      const { location = "", "set-cookie": cookies } = incoming.headers;
      resolve({ status: incoming.statusCode ?? 0, location, cookie: (cookies ?? []).length > 0 });
      incoming.destroy();
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // Nobody there: then the list of ports is wrong, and nothing is known of this one.
      if (error.code === "ECONNREFUSED" || context.signal.aborted) reject(error);
      else resolve(null);
    });
    outgoing.end();
  });
}

async function checkHsts(context: CheckContext, sight: Sight): Promise<void> {
  const { headers } = await context.request("GET", "/");
  const value = String(headers["strict-transport-security"] ?? "");
  const seconds = Number(/max-age=(\d+)/i.exec(value)?.[1] ?? 0);
  sight.facts.hstsSeconds = seconds;
  // On a machine's own name, HSTS would bind every other program there.
  if (context.live.isPublicHost && seconds < hstsSecondsMin) {
    sight.breach("HSTS is not sent, or for less than a year.", "HSTSが送られていないか、有効期間が1年未満です。");
  }
}

async function checkCookies(context: CheckContext, sight: Sight): Promise<void> {
  await withProbes(context, async (probe) => {
    const link = await probe.passwordLink();
    const password = randomBytes(12).toString("hex");
    need(await context.request("POST", "/api/v1/passwords", { body: { link, password } }), [204], { en: "create a password", ja: "パスワードの作成" });
    const signedIn = need(await context.request("POST", "/api/v1/sessions", { body: { email: probe.user.email, password } }), [201], { en: "sign in", ja: "サインイン" });
    const cookies = [signedIn.headers["set-cookie"] ?? []].flat();
    sight.facts.cookiesSeen = cookies.length;
    if (cookies.length === 0) sight.doubt("Signing in set no cookie to look at.", "サインイン時にCookieが設定されず、確認できませんでした。");
    for (const cookie of cookies) {
      const name = cookie.split("=")[0] ?? "";
      const rules = cookie.split(";").slice(1).map((rule) => rule.trim().toLowerCase());
      if (!rules.includes("secure")) sight.breach(`The cookie ${name} is set without Secure.`, `Cookie「${name}」にSecure属性がありません。`);
      if (!rules.includes("httponly")) sight.breach(`The session's cookie ${name} can be read by scripts.`, `セッションのCookie「${name}」がスクリプトから読み取れます。`);
    }
  });
}

function checkOutbound(context: CheckContext, sight: Sight): void {
  const { environment } = context.live;
  for (const { name, security, isLoopback } of context.live.outbound()) {
    sight.facts[`outgoing ${name}`] = security;
    const isSafe = security === "verified" || security === "local" || (isLoopback && environment === "development");
    if (!isSafe) sight.breach(`The outgoing connection for ${name} does not verify TLS.`, `外向きの接続（${name}）がTLSを検証していません。`);
  }
}
