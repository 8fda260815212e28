import { createHash } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";
import type { Operator } from "#src/base/config.ts";
import { newId } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import { isProbeTeam } from "#src/rooms/teams/teams.ts";
import { defaultText } from "./defaults.ts";
import { isKind, kinds, referenceCharactersMax, titleCharactersMax } from "./schema.ts";
import type { Kind, Named, Version } from "./schema.ts";
import * as store from "./store.ts";
import type { AgreementHead, AgreementRow } from "./store.ts";
import { cleanChanges, cleanText, titleOf } from "./text.ts";

/** A text in each language. */
type Words = Record<Language, string>;

export interface Publishing {
  kind: Kind;
  texts: Words;
  /** What is different from the version before. */
  changes?: Words | null;
  /** Without it, at once. */
  effectiveAt?: Date;
  by: Doer;
}

export interface Acceptance {
  kind: string;
  version: number;
  title: Words;
  acceptedAt: Date;
  address: string | null;
  language: Language;
  method: "sign-up" | "asked";
}

export interface Agreements {
  /** Makes the first version of each document, from the texts that Kliv brings, where there is none yet. */
  prepare(options: { operator: Operator; origin: string }): Promise<void>;
  /** Every version, newest first within its kind. */
  list(): Promise<Version[]>;
  /** The version in force, or another one; with all versions of its kind. Throws NOT_FOUND. */
  get(options: { kind: string; version?: number | undefined }): Promise<Version & { text: Words; versions: Version[] }>;
  /** Throws AGREEMENT_INVALID. */
  publish(options: Publishing): Promise<Version>;
  /** A document for the team of one promise's check alone, which goes with the team. */
  publishProbe(options: { team: string; effectiveAt?: Date; by: Doer }): Promise<Named>;
  /** What is in force and was not accepted by this person; without a person, all that is in force. */
  pending(tx: Tx, user: string | null): Promise<Named[]>;
  /**
   * Records what a person accepts, in a transaction that reaches them; what they accepted before stays as it was.
   * Throws AGREEMENT_NOT_CURRENT for any version that is not in force.
   */
  accept(tx: Tx, options: { user: string; accepted: readonly Named[]; method: "sign-up" | "asked"; language: Language; by: Doer }): Promise<void>;
  /** One person's own, the last one first. */
  acceptances(user: string, teams: string[]): Promise<Acceptance[]>;
  /** How many people accepted each version. */
  counts(): Promise<{ kind: string; version: number; count: number }[]>;
  /** Notes a team's own agreement with the operator. Throws TEAM_NOT_FOUND, REQUEST_INVALID. */
  note(options: { team: string; title: string; reference: string; agreedOn: string; by: Doer }): Promise<{ id: string }>;
  /** Newest first. */
  noted(options: { team: string; before?: string | undefined; limit: number }): Promise<store.TeamAgreementRow[]>;
}

interface Parts {
  postgres: Postgres;
  audit: Audit;
  clock: Clock;
}

export function createAgreements(parts: Parts): Agreements {
  const { postgres, clock } = parts;
  return {
    prepare: (options) => prepare(parts, options),
    list: () => postgres.transaction({}, async (tx) => viewAll(await store.listAgreements(tx, null), clock.now())),
    get: (options) => get(parts, options),
    publish: (options) => publish(parts, { ...options, team: null }),
    async publishProbe({ team, by, ...when }) {
      if (!isProbeTeam(team)) throw new Problem("NOT_FOUND");
      const text = `${newId("agr", clock)}: made for one check of a promise.`;
      const { kind, version } = await publish(parts, { kind: team, team, texts: { en: text, ja: text }, by, ...when });
      return { kind, version };
    },
    async pending(tx, user) {
      const current = await store.listCurrent(tx, clock.date());
      if (user === null) return current;
      const accepted = await store.listAcceptances(tx, user);
      return current.filter((one) => !accepted.some((other) => isSame(one, other)));
    },
    accept: (tx, options) => accept(parts, tx, options),
    acceptances: (user, teams) =>
      postgres.transaction({ user, teams }, async (tx) =>
        (await store.listAcceptances(tx, user)).map(({ top_en, top_ja, accepted_at, ...row }) => ({ ...row, title: titles({ kind: row.kind, top_en, top_ja }), acceptedAt: accepted_at }))),
    counts: () => postgres.transaction({ operator: true }, store.countAcceptances),
    note: (options) => note(parts, options),
    noted: ({ team, ...page }) => postgres.transaction({ teams: [team] }, (tx) => store.listTeamAgreements(tx, { team, ...page })),
  };
}

const isSame = (a: Named, b: Named): boolean => a.kind === b.kind && a.version === b.version;

async function prepare(parts: Parts, { operator, origin }: { operator: Operator; origin: string }): Promise<void> {
  const known = await parts.postgres.transaction({}, (tx) => store.listAgreements(tx, null));
  for (const kind of kinds) {
    if (known.some((row) => row.kind === kind)) continue;
    const text = (language: Language): string => defaultText({ kind, language, operator, origin });
    await publish(parts, { kind, team: null, texts: { en: text("en"), ja: text("ja") }, by: { kind: "system", user: null }, onlyFirst: true });
  }
}

async function get({ postgres, clock }: Parts, { kind, version }: { kind: string; version?: number | undefined }) {
  if (!isKind(kind)) throw new Problem("NOT_FOUND");
  return await postgres.transaction({}, async (tx) => {
    const versions = viewAll(await store.listAgreements(tx, kind), clock.now());
    const found = versions.find((one) => (version === undefined ? one.state === "current" : one.version === version));
    if (!found) throw new Problem("NOT_FOUND");
    return { ...found, text: await store.getText(tx, found), versions };
  });
}

type Making = Omit<Publishing, "kind"> & { kind: string; team: string | null; onlyFirst?: boolean };

async function publish({ postgres, audit, clock }: Parts, options: Making): Promise<Version> {
  const { kind, team, by, changes = null } = options;
  const texts = { en: cleanText(options.texts.en, "en"), ja: cleanText(options.texts.ja, "ja") };
  const sha256 = createHash("sha256").update(`${texts.en}\0${texts.ja}`).digest("hex");
  const effectiveAt = holdEffective(options.effectiveAt, clock);
  return await postgres.transaction({ operator: true }, async (tx) => {
    await store.lockKind(tx, kind);
    const known = await store.listAgreements(tx, kind);
    const [last] = known;
    // Another node was first.
    if (options.onlyFirst && last) return viewAll(known, clock.now())[0]!;
    if (last?.sha256 === sha256) {
      throw new Problem("AGREEMENT_INVALID", { values: { reason: `The texts are those of version ${last.version}: nobody is asked again for nothing.`, reasonJa: `本文が第${last.version}版と同じです。内容の変わらない版は公開できません。` } });
    }
    const row: AgreementRow = {
      kind, version: (last?.version ?? 0) + 1, team_id: team, text_en: texts.en, text_ja: texts.ja,
      changes_en: changes && cleanChanges(changes.en, "en"), changes_ja: changes && cleanChanges(changes.ja, "ja"), sha256, effective_at: effectiveAt, published_at: clock.date(),
    };
    await store.insertAgreement(tx, row);
    await audit.record(tx, { team: null, action: "agreement:publish", by, resource: { kind: "agreement", id: kind }, facts: { version: row.version, sha256, effectiveAt: effectiveAt.toISOString() } });
    return viewAll([{ ...row, top_en: texts.en, top_ja: texts.ja }, ...known], clock.now())[0]!;
  });
}

/** A version in force before it could be read would bind people to what they could not know. */
function holdEffective(wanted: Date | undefined, clock: Clock): Date {
  const now = clock.date();
  if (wanted === undefined) return now;
  const isToday = wanted.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  if (wanted < now && !isToday) {
    throw new Problem("AGREEMENT_INVALID", { values: { reason: `It cannot take effect on ${wanted.toISOString().slice(0, 10)}, which is past.`, reasonJa: `過去の日付（${wanted.toISOString().slice(0, 10)}）を施行日にすることはできません。` } });
  }
  return wanted < now ? now : wanted;
}

async function accept({ audit, clock }: Parts, tx: Tx, options: Parameters<Agreements["accept"]>[1]): Promise<void> {
  const { user, accepted, method, language, by } = options;
  const current = await store.listCurrent(tx, clock.date());
  for (const { kind, version } of accepted) {
    if (!current.some((one) => isSame(one, { kind, version }))) throw new Problem("AGREEMENT_NOT_CURRENT", { values: { kind, version } });
    const isNew = await store.insertAcceptance(tx, { user_id: user, kind, version, accepted_at: clock.date(), address: by.address ?? null, language, method });
    if (isNew) await audit.record(tx, { team: null, action: "agreement:accept", by, resource: { kind: "agreement", id: kind }, facts: { version, language, method } });
  }
}

async function note({ postgres, audit, clock }: Parts, options: Parameters<Agreements["note"]>[0]): Promise<{ id: string }> {
  const { team, agreedOn, by } = options;
  const title = cleanLine(options.title, titleCharactersMax, "title");
  const reference = cleanLine(options.reference, referenceCharactersMax, "reference");
  return await postgres.transaction({ teams: [team], operator: true }, async (tx) => {
    if (!(await store.hasTeam(tx, team))) throw new Problem("TEAM_NOT_FOUND", { values: { team } });
    const id = newId("agr", clock);
    await store.insertTeamAgreement(tx, { id, team_id: team, title, reference, agreed_on: agreedOn, noted_at: clock.date(), is_imported: false });
    await audit.record(tx, { team, action: "agreement:note", by, resource: { kind: "team-agreement", id }, facts: { agreedOn } });
    return { id };
  });
}

function cleanLine(text: string, charactersMax: number, name: string): string {
  const clean = text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, " ").replace(/\s+/g, " ").trim().toWellFormed();
  if (clean === "" || [...clean].length > charactersMax) throw new Problem("REQUEST_INVALID", { values: { reason: `${name} must have 1 to ${charactersMax} characters` } });
  return clean;
}

/** Rows of any kinds, the newest version of each kind first, as they are at `nowMs`. */
function viewAll(rows: readonly AgreementHead[], nowMs: number): Version[] {
  return rows.map((row) => {
    const inForce = rows.find((one) => one.kind === row.kind && one.effective_at.getTime() <= nowMs);
    const state = row.version === inForce?.version ? "current" : row.version > (inForce?.version ?? 0) ? "upcoming" : "past";
    return {
      kind: row.kind, version: row.version, state, title: titles(row), changes: row.changes_en !== null && row.changes_ja !== null ? { en: row.changes_en, ja: row.changes_ja } : null,
      effectiveAt: row.effective_at.toISOString(), publishedAt: row.published_at.toISOString(), sha256: row.sha256, url: `/${row.kind}?version=${row.version}`,
    };
  });
}

const titles = ({ kind, top_en, top_ja }: Pick<AgreementHead, "kind" | "top_en" | "top_ja">): Words => ({ en: titleOf(kind, top_en, "en"), ja: titleOf(kind, top_ja, "ja") });
