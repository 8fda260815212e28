import { Readable } from "node:stream";
import type { Clock } from "#src/base/clock.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Databases, FileUpload } from "#src/rooms/databases/databases.ts";
import type { Reports } from "#src/rooms/reports/reports.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import { sampleFiles } from "./data.ts";
import type { SampleFileKey } from "./data.ts";
import { sampleReports } from "./reports.ts";
import * as store from "./store.ts";

export interface SampleParts {
  postgres: Postgres;
  clock: Clock;
  teams: Teams;
  databases: Databases;
  reports: Reports;
}

export interface SampleOptions {
  /** The account that the sample team belongs to. */
  owner: string;
  /** Ends the making between two steps; the next start goes on. */
  signal: AbortSignal;
}

const teamName = "Kliv Samples";
const listMax = 200;

/**
 * Makes the sample team with real data and published reports, once in the life of an installation. Each step looks
 * first whether it is done: cut off anywhere, the next call goes on and makes nothing twice. Answers whether it made
 * anything.
 */
export async function makeSample(parts: SampleParts, { owner, signal }: SampleOptions): Promise<boolean> {
  const { postgres, clock, teams } = parts;
  if (await postgres.transaction({ operator: true }, store.isMade)) return false;
  const by: Doer = { kind: "system", user: owner };
  const known = (await teams.teamsOf(owner)).find((team) => team.name === teamName);
  const { id: team } = known ?? (await teams.createTeam({ name: teamName, plan: "enterprise", owner, by }));
  const databases = await makeDatabases({ parts, team, by, signal });
  await makeReports({ parts, team, by, signal, databases });
  await postgres.transaction({ operator: true }, (tx) => store.setMade(tx, clock.date()));
  return true;
}

interface Step {
  parts: SampleParts;
  team: string;
  by: Doer;
  signal: AbortSignal;
}

async function makeDatabases({ parts, team, by, signal }: Step): Promise<Record<SampleFileKey, string>> {
  const there = new Map((await parts.databases.list({ team, limit: listMax })).map((row) => [row.name, row]));
  const ids: Partial<Record<SampleFileKey, string>> = {};
  for (const key of Object.keys(sampleFiles) as SampleFileKey[]) {
    signal.throwIfAborted();
    const { name, description, fileName, csv } = sampleFiles[key];
    const known = there.get(name);
    const { id, description: said } = known ?? (await parts.databases.create({ team, name, upload: uploadOf(fileName, csv()), by, signal }));
    // Its own step: cut off before it, a database would be without its source for ever.
    if (said === "") await parts.databases.update({ team, id, description, by });
    ids[key] = id;
  }
  return ids as Record<SampleFileKey, string>;
}

function uploadOf(fileName: string, bytes: Buffer): FileUpload {
  return { kind: "file", fileName, contentType: "text/csv", sizeBytes: bytes.length, input: Readable.from([bytes]) };
}

async function makeReports({ parts, team, by, signal, databases }: Step & { databases: Record<SampleFileKey, string> }): Promise<void> {
  const { reports } = parts;
  const there = new Map((await reports.list({ team, limit: listMax })).map((row) => [row.definition.title, row]));
  for (const make of sampleReports) {
    signal.throwIfAborted();
    const definition = make(databases);
    const report = there.get(definition.title) ?? (await reports.create({ team, definition, by }));
    if (!report.publication) await reports.publish({ actor: "operator", team, id: report.id, visibility: "public", language: definition.language, by, signal });
  }
}
