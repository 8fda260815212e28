import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { look, need } from "./verdict.ts";
import type { Sight } from "./verdict.ts";

/** For documentation: nobody has this address (RFC 5737), nor that name (RFC 6761). Whatever is not refused at least reaches no one. */
const strangers = ["192.0.2.1", "third-party.invalid"];
/** What the server's settings call a connection, and who stands for it in the register. */
const adapterOf = (connection: string): string => connection.split(" ")[0] ?? "";

interface Party {
  name: string;
  purpose: Record<string, string>;
  fields: Record<string, string>[];
  state: string;
}

/** THIRD-1. */
export function checkOutbound(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `The server's process refused every connection to a host that is not on the register (${facts.waysTried} attempts). All ${facts.adapters} adapters are on the public register with their purpose and what they send.`,
      ja: `台帳にないホストへの接続を${facts.waysTried}回試み、サーバーのプロセスがすべて拒否しました。${facts.adapters}件のアダプターすべてが、目的と送信する項目とともに公開の台帳に載っています。`,
    }),
    async (sight) => {
      await attempt(context, sight);
      await readRegister(context, sight);
    },
  );
}

async function attempt(context: CheckContext, sight: Sight): Promise<void> {
  let tried = 0;
  for (const host of strangers) {
    const attempts = await context.live.attemptOutbound(host);
    tried += attempts.length;
    for (const { way } of attempts.filter(({ isRefused }) => !isRefused)) {
      sight.breach(`A connection by ${way} to ${host}, which is not on the register, was not refused.`, `台帳にない${host}への接続（${way}）が拒否されませんでした。`);
    }
  }
  sight.facts.waysTried = tried;
  if (tried === 0) sight.doubt("No connection could be tried.", "接続を試みることができませんでした。");
}

async function readRegister(context: CheckContext, sight: Sight): Promise<void> {
  const reply = need(await context.request("GET", "/api/v1/subprocessors?limit=200"), [200], { en: "read the register", ja: "台帳の読み取り" });
  const parties = (reply.json?.items ?? []) as Party[];
  sight.facts.adapters = parties.length;
  sight.facts.adaptersInUse = parties.filter(({ state }) => state === "in-use").length;
  if (parties.length === 0) sight.breach("The public register is empty.", "公開の台帳が空です。");
  for (const { name, purpose, fields } of parties) {
    const isWhole = [purpose, ...fields].every((text) => text.en && text.ja) && fields.length > 0;
    if (!isWhole) sight.breach(`The register does not say what ${name} is for, or what is sent.`, `台帳に${name}の目的または送信する項目が書かれていません。`);
  }
  for (const { name, security } of context.live.outbound()) {
    if (security === "local") continue;
    const party = parties.find((one) => one.name === adapterOf(name));
    if (party?.state !== "in-use") sight.breach(`The server is set up to connect out for ${name}, and the register does not say so.`, `外向きの接続（${name}）が設定されていますが、台帳に使用中として載っていません。`);
  }
  const page = await context.request("GET", "/trust/subprocessors");
  if (page.status !== 200) sight.breach("The register's page is not shown to the public.", "台帳のページが公開されていません。");
}
