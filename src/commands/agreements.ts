import { readFileSync, statSync } from "node:fs";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { defaultText } from "#src/rooms/agreements/defaults.ts";
import { fileBytesMax, isKind, kinds } from "#src/rooms/agreements/schema.ts";
import type { Kind, Version } from "#src/rooms/agreements/schema.ts";
import { operator, withMetadata } from "./command.ts";
import type { Call, Command } from "./command.ts";

const kindFlag = { about: kinds.join(" | "), required: true };

export const agreementCommands: Command[] = [
  {
    noun: "agreement",
    verb: "list",
    summary: "Every version of the privacy policy and the terms, and how many people accepted it",
    flags: {},
    async run({ config, print }) {
      const all = await withMetadata(config, async ({ agreements }) => {
        const counts = await agreements.counts();
        return (await agreements.list()).map((one) => ({ ...one, accepted: counts.find(({ kind, version }) => kind === one.kind && version === one.version)?.count ?? 0 }));
      });
      print(all, all.map((one) => `${one.kind.padEnd(8)} ${String(one.version).padStart(3)}  ${one.state.padEnd(8)}  from ${one.effectiveAt}  accepted by ${one.accepted}`).join("\n"));
    },
  },
  {
    noun: "agreement",
    verb: "show",
    summary: "Print a document's text as Markdown: the version in force, or another",
    flags: { kind: kindFlag, version: { about: "its number" }, language: { about: "en | ja; en without it" } },
    async run({ config, flags, print }) {
      const kind = oneKind(flags["kind"]);
      const language = flags["language"] ?? "en";
      if (language !== "en" && language !== "ja") throw new Problem("CONFIG_INVALID", { values: { name: "--language", value: language, allowed: "en, ja" } });
      const shown = await withMetadata(config, ({ agreements }) => agreements.get({ kind, version: versionOf(flags["version"]) }));
      print(shown, shown.text[language]);
    },
  },
  {
    noun: "agreement",
    verb: "publish",
    summary: "Publish a new version, which everybody is asked to accept; without files, the text that Kliv brings",
    flags: {
      kind: kindFlag,
      en: { about: "a Markdown file in English" },
      ja: { about: "the same in Japanese" },
      "changes-en": { about: "what is different, for those who are asked again" },
      "changes-ja": { about: "the same in Japanese" },
      effective: { about: "the day on which it takes effect, as 2027-01-31 (UTC); at once without it" },
    },
    async run(call) {
      const { config, flags, print } = call;
      const kind = oneKind(flags["kind"]);
      const texts = textsOf(call, kind);
      const changes = pair(flags["changes-en"], flags["changes-ja"], "--changes-en and --changes-ja");
      const when = flags["effective"] === undefined ? {} : { effectiveAt: dayOf("--effective", flags["effective"]) };
      const made: Version = await withMetadata(config, ({ agreements }) => agreements.publish({ kind, texts, changes, by: operator, ...when }));
      print(made, `${made.kind} ${made.version}, in force from ${made.effectiveAt}: ${config.origin}${made.url}`);
    },
  },
  {
    noun: "agreement",
    verb: "note",
    summary: "Note a team's own agreement with the operator, for its administrators and its export",
    flags: {
      team: { about: "the team's id", required: true },
      title: { about: "what it is called", required: true },
      reference: { about: "how to find it, as a contract number", required: true },
      date: { about: "the day on which it was agreed, as 2026-11-24", required: true },
    },
    async run({ config, flags, print }) {
      const { team = "", title = "", reference = "", date = "" } = flags;
      const agreedOn = dayOf("--date", date).toISOString().slice(0, 10);
      const made = await withMetadata(config, ({ agreements }) => agreements.note({ team, title, reference, agreedOn, by: operator }));
      print(made, made.id);
    },
  },
];

function oneKind(value: string | undefined): Kind {
  if (value !== undefined && isKind(value)) return value;
  throw new Problem("CONFIG_INVALID", { values: { name: "--kind", value: value ?? "missing", allowed: kinds.join(", ") } });
}

function versionOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new Problem("CONFIG_INVALID", { values: { name: "--version", value, allowed: "1, 2, ..." } });
}

/** The beginning of a day in UTC. A day that no calendar has is refused, not moved into the next month. */
function dayOf(name: string, value: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00Z`) : null;
  if (day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value)) return day;
  throw new Problem("CONFIG_INVALID", { values: { name, value, allowed: "YYYY-MM-DD" } });
}

function textsOf({ config, flags }: Call, kind: Kind): Record<Language, string> {
  const files = pair(flags["en"], flags["ja"], "--en and --ja");
  if (files) return { en: readText(files.en), ja: readText(files.ja) };
  const text = (language: Language): string => defaultText({ kind, language, operator: config.operator, origin: config.origin });
  return { en: text("en"), ja: text("ja") };
}

function pair(en: string | undefined, ja: string | undefined, names: string): Record<Language, string> | null {
  if (en !== undefined && ja !== undefined) return { en, ja };
  if (en === undefined && ja === undefined) return null;
  throw refusal(`${names} are given together: everybody reads it in their own language.`, `${names} は両方を指定してください。どちらの言語の利用者も読めるようにするためです。`);
}

function readText(file: string): string {
  try {
    const about = statSync(file);
    if (!about.isFile()) throw refusal(`${file} is not a file.`, `${file} はファイルではありません。`);
    if (about.size > fileBytesMax) throw refusal(`${file} has more than ${fileBytesMax} bytes.`, `${file} が${fileBytesMax}バイトを超えています。`);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (error instanceof TypeError) throw refusal(`${file} is not text in UTF-8.`, `${file} はUTF-8のテキストではありません。`);
    throw refusal(`${file} cannot be read: ${(error as Error).message}.`, `${file} を読み取れません：${(error as Error).message}`);
  }
}

const refusal = (reason: string, reasonJa: string): Problem => new Problem("AGREEMENT_INVALID", { values: { reason, reasonJa } });
