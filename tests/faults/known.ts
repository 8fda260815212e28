import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Answered } from "../server.ts";

export type Api = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>;

/** What the server acknowledged: after any crash it must have it, and no more than what was under way besides. */
export interface Known {
  /** By id: how many rows it has. More than one number while a change is not answered yet. */
  databases: Map<string, number[]>;
  /** The one whose rows change. */
  growing: Set<string>;
  /** Its versions that were acknowledged, in order: how many rows each has. */
  versions: Map<string, number>;
  /** An accepted import: the name of the database that it makes. */
  jobs: Map<string, string>;
  /** By id: the title of the last answered edit, and the one under way, which may or may not be there. */
  reports: Map<string, { title: string; next: string | null }>;
  /** By the report's id. */
  publications: Map<string, { slug: string; state: "published" | "withdrawing" | "withdrawn" }>;
}

export const createKnown = (): Known => ({ databases: new Map(), growing: new Set(), versions: new Map(), jobs: new Map(), reports: new Map(), publications: new Map() });

interface Look {
  api: Api;
  team: string;
  known: Known;
  note: string;
}

interface Listed {
  id: string;
  name: string;
  sha256: string;
  tables: { name: string; rows: number }[];
}

const newest = 3;

/** What the last kill can have touched, asked for in full; the rest as the lists show it. */
export async function verify({ api, team, known, note }: Look): Promise<void> {
  const listed = await list<Listed>(api, `/api/v1/teams/${team}/databases`);
  for (const [id, rows] of known.databases) {
    const shown = listed.get(id)?.tables[0]?.rows;
    assert.ok(shown !== undefined && rows.includes(shown), `${note}: database ${id} has ${shown} rows, not ${rows.join(" or ")}`);
    known.databases.set(id, [shown]);
  }
  // What is visible is whole, acknowledged or not.
  const touched = new Set([...[...listed.keys()].slice(0, newest), ...known.growing]);
  for (const id of touched) await verifyContents({ api, one: listed.get(id) as Listed, note });
  await verifyVersions({ api, known, note });
  for (const [id, report] of [...known.reports].slice(-6)) {
    const found = await api("GET", `/api/v1/reports/${id}`);
    assert.ok([report.title, report.next].includes(found.json?.title), `${note}: report ${id} is ${found.json?.title}, not ${report.title}`);
    Object.assign(report, { title: found.json.title, next: null });
  }
  await verifyPublications({ api, known, note, count: 6 });
}

/** Each acknowledged version is there, with its rows and its checksum. */
async function verifyVersions({ api, known, note }: Omit<Look, "team">): Promise<void> {
  for (const id of known.growing) {
    const there = await list<Listed>(api, `/api/v1/databases/${id}/versions`);
    for (const [version, rows] of known.versions) assert.equal(there.get(version)?.tables[0]?.rows, rows, `${note}: version ${version}`);
    for (const [version, one] of [...there].slice(0, newest)) {
      const found = await api("GET", `/api/v1/databases/${id}/download?version=${version}`);
      assert.equal(createHash("sha256").update(found.bytes).digest("hex"), one.sha256, `${note}: the bytes of version ${version}`);
    }
  }
}

/** All of it, at the end; accepted imports are waited for. */
export async function verifyEnd(look: Look): Promise<void> {
  const { api, team, known, note } = look;
  await verify(look);
  for (const job of known.jobs.keys()) {
    // The stream ends when the job has.
    await api("GET", `/api/v1/jobs/${job}`, undefined, { accept: "text/event-stream" });
    const { json } = await api("GET", `/api/v1/jobs/${job}`);
    assert.equal(json?.state, "done", `${note}: job ${job}: ${JSON.stringify(json)}`);
  }
  const listed = [...(await list<Listed>(api, `/api/v1/teams/${team}/databases`)).values()];
  for (const name of known.jobs.values()) assert.equal(listed.filter((one) => one.name === name).length, 1, `${note}: ${name} was made once`);
  assert.equal(new Set(listed.map(({ name }) => name)).size, listed.length, `${note}: nothing was made twice`);
  for (const id of known.reports.keys()) assert.equal((await api("GET", `/api/v1/reports/${id}`)).status, 200, `${note}: report ${id}`);
  await verifyPublications({ api, known, note, count: Infinity });
}

async function list<T extends { id: string }>(api: Api, path: string): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await api("GET", `${path}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    assert.equal(page.status, 200, page.bytes.toString());
    for (const item of page.json.items) found.set(item.id, item);
    cursor = page.json.nextCursor;
  }
  return found;
}

async function verifyContents({ api, one, note }: { api: Api; one: Listed; note: string }): Promise<void> {
  const { id, tables, sha256 } = one;
  const counted = await api("POST", `/api/v1/databases/${id}/query`, { sql: `select count(*) from "${tables[0]?.name}"` });
  assert.equal(counted.json?.rows?.[0]?.[0], tables[0]?.rows, `${note}: contents of ${id}: ${counted.bytes}`);
  const { bytes } = await api("GET", `/api/v1/databases/${id}/download`);
  assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256, `${note}: bytes of ${id}`);
}

async function verifyPublications({ api, known, note, count }: Pick<Look, "api" | "known" | "note"> & { count: number }): Promise<void> {
  for (const publication of [...known.publications.values()].slice(-count)) {
    const { status } = await api("GET", `/r/${publication.slug}`);
    const allowed = { published: [200], withdrawing: [200, 404], withdrawn: [404] }[publication.state];
    assert.ok(allowed.includes(status), `${note}: /r/${publication.slug} is ${publication.state} and answers ${status}`);
    publication.state = status === 200 ? "published" : "withdrawn";
  }
}
