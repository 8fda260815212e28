import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import type { CheckContext, Finding, Listener } from "#src/rooms/trust/promise.ts";
import { offerTls, tlsVersions } from "./hello.ts";
import type { TlsVersion } from "./hello.ts";
import { checkInstallable } from "./installable.ts";
import { look } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** AES-GCM with a certificate behind it (IANA's registry); all others, those without authentication too, are too weak. */
const gcmSuites = new Map<number, string>([
  [0x009c, "RSA-AES128-GCM"], [0x009d, "RSA-AES256-GCM"], [0x009e, "DHE-RSA-AES128-GCM"], [0x009f, "DHE-RSA-AES256-GCM"],
  [0xc02b, "ECDHE-ECDSA-AES128-GCM"], [0xc02c, "ECDHE-ECDSA-AES256-GCM"], [0xc02f, "ECDHE-RSA-AES128-GCM"], [0xc030, "ECDHE-RSA-AES256-GCM"],
]);
const newGcmSuites = new Map<number, string>([[0x1301, "TLS_AES_128_GCM"], [0x1302, "TLS_AES_256_GCM"]]);
const newOtherSuites = [0x1303, 0x1304, 0x1305, 0x1306, 0x1307];
const oldVersions: TlsVersion[] = ["SSL 3.0", "TLS 1.0", "TLS 1.1"];

// Every number that IANA has given to a suite before TLS 1.3, but for the two that only signal something.
const oldSuites = [...range(0x0001, 0x00c7), ...range(0xc001, 0xc0b5), ...range(0xc100, 0xc106), ...range(0xcca8, 0xccae), ...range(0xd001, 0xd005)];

/** TLS-1. */
export function checkTls(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `Every TLS listener (${facts.listeners}) refused the older versions and each of ${facts.weakSuitesOffered} other cipher suites; only TLS 1.2 and 1.3 with AES-GCM are taken. The web app can be installed.`,
      ja: `TLSで待ち受ける全${facts.listeners}ポートが、古いバージョンとAES-GCM以外の暗号スイート${facts.weakSuitesOffered}種をすべて拒否し、TLS 1.2と1.3のAES-GCMだけに応じました。ウェブアプリはインストールできます。`,
    }),
    async (sight) => {
      const listeners = context.live.listeners().filter((one) => one.kind !== "redirect");
      const weak = oldSuites.filter((suite) => !gcmSuites.has(suite));
      Object.assign(sight.facts, { listeners: listeners.length, weakSuitesOffered: weak.length + newOtherSuites.length });
      if (listeners.length === 0) sight.doubt("The server told of no TLS listener.", "TLSの待ち受けが見つかりませんでした。");
      for (const listener of listeners) await probeListener({ context, listener, weak, sight });
      await checkInstallable(context, sight);
    },
  );
}

async function probeListener({ context, listener, weak, sight }: { context: CheckContext; listener: Listener; weak: number[]; sight: Sight }): Promise<void> {
  const { host, port } = listener;
  const serverName = new URL(context.origin).hostname;
  const offer = (version: TlsVersion, suites: number[]) => offerTls({ host, port, version, suites, serverName, signal: context.signal });
  const refuse = async (version: TlsVersion, suites: number[]): Promise<void> => {
    const answer = await offer(version, suites);
    if (answer.kind === "plain") sight.breach(`Port ${port} does not speak TLS.`, `ポート${port}がTLSに対応していません。`);
    if (answer.kind !== "accepted") return;
    const suite = `0x${answer.suite.toString(16).padStart(4, "0")}`;
    const taken = (Object.keys(tlsVersions) as TlsVersion[]).find((name) => tlsVersions[name] === answer.version) ?? `0x${answer.version.toString(16)}`;
    sight.breach(`Port ${port} accepted ${taken} with cipher suite ${suite}.`, `ポート${port}が${taken}と暗号スイート${suite}を受け付けました。`);
  };
  for (const version of oldVersions) await refuse(version, oldSuites);
  await refuse("TLS 1.2", weak);
  await refuse("TLS 1.3", newOtherSuites);
  // The same greetings with what must be taken: had these been refused too, the refusals above would mean nothing.
  const takes: string[] = [];
  for (const [version, suites] of [["TLS 1.2", gcmSuites], ["TLS 1.3", newGcmSuites]] as const) {
    for (const [suite, name] of suites) if ((await offer(version, [suite])).kind === "accepted") takes.push(`${version} ${name}`);
  }
  sight.facts[`accepts ${port}`] = takes.join(", ") || "nothing";
  if (takes.length === 0) sight.doubt(`Port ${port} refused everything that was offered.`, `ポート${port}は提示したすべてを拒否しました。`);
  await verifyCertificate({ context, listener, sight });
}

// With a real client and the authorities of an outsider: the certificate is good for this name.
async function verifyCertificate({ context, listener, sight }: { context: CheckContext; listener: Listener; sight: Sight }): Promise<void> {
  const { host, port } = listener;
  const { ca, origin, signal } = context;
  const result = await new Promise<{ expiresAt?: string; error?: string }>((resolve) => {
    const socket = connect({ host, port, servername: new URL(origin).hostname, ...(ca.length > 0 ? { ca } : {}) });
    const stop = (): void => void socket.destroy(new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
    socket.setTimeout(5_000, stop);
    socket.on("error", (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
    socket.on("secureConnect", () => {
      const { raw } = socket.getPeerCertificate();
      resolve({ expiresAt: raw ? new Date(new X509Certificate(raw).validTo).toISOString().slice(0, 10) : "" });
      socket.destroy();
    });
    socket.on("close", () => signal.removeEventListener("abort", stop));
  });
  if (result.error) sight.breach(`The certificate on port ${port} does not verify (${result.error}).`, `ポート${port}の証明書を検証できません（${result.error}）。`);
  else sight.facts[`certificateUntil ${port}`] = result.expiresAt ?? "";
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
