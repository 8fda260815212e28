import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { damagedSamples, soundSamples, sqliteSample } from "./damaged.ts";
import { checkDownload } from "./download.ts";
import { checkExport, renaming } from "./export.ts";
import { checkFiles } from "./files.ts";
import { checkPasswords } from "./passwords.ts";
import { createPeer } from "./peer.ts";
import type { Fault } from "./peer.ts";
import { checkPublic } from "./public.ts";

async function run(check: (context: CheckContext) => Promise<Finding>, ...faults: Fault[]): Promise<Finding> {
  const peer = await createPeer(...faults);
  try {
    const finding = await check(peer.context);
    assert.equal(peer.probes.disposed, peer.probes.made, "every throw-away account is removed");
    return finding;
  } finally {
    await peer.close();
  }
}

/** A planted breach turns the check red, and the summary says so in both languages. */
function twin(id: string, check: (context: CheckContext) => Promise<Finding>, breaches: [Fault, RegExp][]): void {
  test(`${id} is kept by a peer without a fault`, async () => {
    const { state, evidence } = await run(check);
    assert.equal(state, "kept", evidence.summary.en);
  });
  for (const [fault, summary] of breaches) {
    test(`${id} is broken by a peer with the fault ${fault}`, async () => {
      const { state, evidence } = await run(check, fault);
      assert.equal(state, "broken", evidence.summary.en);
      assert.match(evidence.summary.en, summary);
      assert.match(evidence.summary.ja, /[ぁ-ん]/);
    });
  }
}

twin("LOGIN-4", checkPasswords, [
  ["short-password", /7 characters/],
  ["utf16-length", /\(emoji\) was accepted/],
  ["leaked-password", /leaked/],
  ["no-user-name", /user name/],
  ["any-password", /wrong password/],
]);

twin("VALID-1", checkFiles, [
  ["accepts-damaged", /was accepted/],
  ["accepts-damaged-json", /broken\.json was accepted/],
  ["accepts-damaged-packed", /bomb\.csv\.gz was accepted/],
  ["accepts-damaged-sql", /escape\.sql was accepted/],
  ["keeps-damaged", /stored objects/],
  ["no-line", /names line none/],
  ["refuses-sound", /sound\.csv was not accepted/],
  ["accepts-damaged-parquet", /\.parquet was accepted/],
  ["accepts-damaged-excel", /\.xlsx was accepted/],
  ["refuses-workbook", /sound\.xlsx was not accepted/],
  ["crashes", /server fail/],
  ["adds-damaged-rows", /Damaged rows \(cut\) were accepted/],
  ["adds-half", /other rows than before/],
  ["no-row-line", /does not name line 2/],
  ["attaches-unfit", /unfit attachment cut\.png was accepted/],
  ["attaches-script", /script\.svg can run or fetch/],
]);

twin("PORT-1", checkExport, [
  ["export-omits", /lacks/],
  ["export-omits-queries", /lacks/],
  ["export-unstable", /different files/],
  ["import-changes", /differs at \/reports\/0\/definition\/description/],
  ["import-refuses", /could not be imported/],
  ["export-open", /Without a token/],
]);

twin("PORT-2", checkDownload, [
  ["no-range", /cannot be resumed/],
  ["wrong-etag", /ETag/],
  ["loses-row", /Rows are missing/],
  ["joins-changed", /has changed/],
  ["damages-file", /not those that were stored/],
]);

twin("ACCESS-6", checkPublic, [
  ["open-database", /databases\/\{id\} shows private things/],
  ["team-in-gallery", /team only is in the gallery/],
  ["link-in-gallery", /only its link opens is in the gallery/],
  ["page-leaks", /gallery's page shows private/],
  ["page-hides", /1 public reports are not in the gallery's pages/],
  ["page-fails", /is not shown to a stranger/],
  ["keeps-withdrawn", /withdrawn is still in the gallery/],
  ["late-publication", /just published is not in the gallery/],
  ["hides-publication", /1 public reports are not/],
]);

for (const [id, check] of [["VALID-1", checkFiles], ["PORT-1", checkExport], ["PORT-2", checkDownload], ["ACCESS-6", checkPublic]] as const) {
  test(`${id} is unknown, not kept, when the system cannot take the check's own data`, async () => {
    const { state } = await run(check, "no-disk");
    assert.equal(state, "unknown");
  });
}

test("The damaged SQLite samples are damaged for SQLite too, and the sound one is sound", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kliv-samples-"));
  const isSound = async (bytes: Buffer): Promise<boolean> => {
    const file = join(folder, "one.sqlite");
    await writeFile(file, bytes);
    try {
      const db = new DatabaseSync(file, { readOnly: true });
      try {
        const [row] = db.prepare("pragma integrity_check").all() as { integrity_check: string }[];
        return row?.integrity_check === "ok" && db.prepare("select count(*) as n from city").get()?.n === 2_000;
      } finally {
        db.close();
      }
    } catch {
      return false;
    }
  };
  try {
    const database = await sqliteSample();
    for (const sample of soundSamples(database).filter(({ fileName }) => fileName.endsWith(".sqlite"))) assert.equal(await isSound(sample.bytes), true, sample.fileName);
    const damaged = damagedSamples(database).filter(({ fileName }) => fileName.endsWith(".sqlite"));
    assert.equal(damaged.length, 8);
    for (const sample of damaged) assert.equal(await isSound(sample.bytes), false, sample.fileName);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("Ids may change one to one between two exports, and nothing else", () => {
  const a = { team: "team_00000000aa", reports: [{ by: "team_00000000aa", title: "x" }] };
  assert.deepEqual(renaming(a, { team: "team_00000000bb", reports: [{ by: "team_00000000bb", title: "x" }] }), new Map([["team_00000000aa", "team_00000000bb"]]));
  assert.equal(renaming(a, { team: "team_00000000bb", reports: [{ by: "team_00000000aa", title: "x" }] }), "/reports/0/by");
  assert.equal(renaming(a, { team: "team_00000000aa", reports: [{ by: "team_00000000aa", title: "y" }] }), "/reports/0/title");
  assert.equal(renaming(a, { reports: [], team: "team_00000000aa" }), "/team");
});
