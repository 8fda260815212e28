import type { Blobs } from "#src/base/blobs/blobs.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Download } from "#src/base/outbound/outbound.ts";
import { signGet } from "#src/base/outbound/s3-signature.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import { homeKey, openText } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Teams } from "#src/rooms/teams/teams.ts";
import { fetchLimits, uploadOfDownload } from "./fetches.ts";
import type { Run, SourcesParts } from "./sources.ts";
import { readSource } from "./sources.ts";
import { sourceLimits } from "./sourceschema.ts";
import type { SourceBody } from "./sourceschema.ts";
import * as store from "./sourcestore.ts";
import type { SourceChange, SourceRow } from "./sourcestore.ts";
import { failureLetter } from "./sourcewords.ts";

export interface RefreshParts extends SourcesParts {
  blobs: Blobs;
  teams: Teams;
  mail: Mail;
  log: Log;
}

const system: Doer = { kind: "system", user: null };

/** A refresh that is not the source's own any more: it was set anew, removed, or taken for lost. */
class Outdated extends Error {}

/**
 * One refresh: the file is asked for on the condition that it changed, stored, compared, and imported as a version. Given
 * out twice, the second finds that its run has ended. A failure is kept with the source, not thrown.
 */
export async function performRefresh(parts: RefreshParts, { team, database, run }: Run, stopping: AbortSignal): Promise<void> {
  const { postgres, clock, blobs, log } = parts;
  const row = await postgres.transaction({ teams: [team] }, (tx) => store.findSource(tx, database));
  if (row?.run_id !== run) return;
  const blobKey = `uploads/${team}/${run}`;
  const startedMs = performance.now();
  const tell = (code: string): void => log("refresh", { team, durationMs: Math.round(performance.now() - startedMs), code });
  try {
    const found = await ask(parts, row, stopping);
    const said = { etag: found.headers.get("etag"), last_modified: found.headers.get("last-modified") };
    const good: SourceChange = { run_id: null, run_at: null, checked_at: clock.date(), failures: 0, problem: null, is_told: false };
    if (found.status === 304) {
      await found.body.return(undefined);
      await end(parts, { team, database, run }, good);
      return tell("UNCHANGED");
    }
    const upload = uploadOfDownload(found);
    const { sha256, sizeBytes } = await blobs.put(blobKey, upload.input);
    if (sha256 === row.sha256) {
      await end(parts, { team, database, run }, { ...good, ...said });
      return tell("UNCHANGED");
    }
    const stored = await blobs.get(blobKey);
    try {
      await parts.databases.replace({
        team, id: database, upload: { ...upload, sizeBytes, input: stored.body }, by: system, signal: stopping,
        onMade: (tx) => endIn(tx, { database, run }, { ...good, ...said, sha256, changed_at: clock.date() }),
      });
    } finally {
      stored.body.destroy();
    }
    tell("CHANGED");
  } catch (error) {
    // A stopping node leaves the work to the next one.
    if (stopping.aborted) throw error;
    if (error instanceof Outdated) return tell("OUTDATED");
    const problem = error instanceof Problem ? error : new Problem("INTERNAL", { values: { request: run }, cause: error });
    if (!(error instanceof Problem)) log("refresh trouble", describeError(error));
    tell(problem.code);
    await fail(parts, { team, database, run }, problem);
  } finally {
    await blobs.delete(blobKey);
  }
}

/** Asks for the file, unless it is still the one that was taken last. */
async function ask({ config, outbound, clock }: RefreshParts, row: SourceRow, signal: AbortSignal): Promise<Download> {
  const source = JSON.parse(openText(homeKey(config.home, "sources"), row.sealed, row.database_id)) as SourceBody;
  const { url } = readSource(source);
  const isSigned = source.kind === "s3" && source.accessKeyId !== undefined && source.secretAccessKey !== undefined;
  return await outbound.download("files", url, {
    headers: {
      ...(row.etag === null ? {} : { "if-none-match": row.etag }),
      ...(row.last_modified === null ? {} : { "if-modified-since": row.last_modified }),
      ...(isSigned ? signGet({ url, region: source.region, accessKeyId: source.accessKeyId!, secretAccessKey: source.secretAccessKey!, at: clock.date() }) : {}),
    },
    // A store that sends on elsewhere would be sent a signature that is not for it.
    redirect: source.kind === "s3" ? "error" : "follow", signal, timeoutMs: fetchLimits.fetchMs, idleMs: fetchLimits.idleMs, bytesMax: config.limits.uploadBytesMax,
  });
}

async function end({ postgres }: RefreshParts, { team, database, run }: Run, change: SourceChange): Promise<void> {
  await postgres.transaction({ teams: [team] }, (tx) => endIn(tx, { database, run }, change));
}

async function endIn(tx: Tx, { database, run }: Pick<Run, "database" | "run">, change: SourceChange): Promise<void> {
  if ((await store.lockSource(tx, database))?.run_id !== run) throw new Outdated();
  await store.updateSource(tx, database, change);
}

/** Keeps the failure with the source, pauses it after several in a row, and tells who set it up, once. */
async function fail(parts: RefreshParts, { team, database, run }: Run, problem: Problem): Promise<void> {
  const { postgres, clock, audit } = parts;
  const told = await postgres.transaction({ teams: [team] }, async (tx) => {
    const row = await store.lockSource(tx, database);
    if (row?.run_id !== run) return null;
    const failures = row.failures + 1;
    const isPaused = failures >= sourceLimits.failuresMax;
    const bodies = { en: { ...problemBody(problem, "en") }, ja: { ...problemBody(problem, "ja") } };
    await store.updateSource(tx, database, { run_id: null, run_at: null, checked_at: clock.date(), failures, problem: bodies, is_told: true, ...(isPaused ? { next_at: null } : {}) });
    if (isPaused) await audit.record(tx, { team, action: "source:pause", by: system, resource: { kind: "database", id: database }, facts: { failures, code: problem.code } });
    return row.is_told ? null : row;
  });
  if (told?.created_by) await tellOf(parts, { ...told, created_by: told.created_by }, problem).catch((error: unknown) => parts.log("letter not sent", describeError(error)));
}

async function tellOf(parts: RefreshParts, row: SourceRow & { created_by: string }, problem: Problem): Promise<void> {
  const { postgres, teams, databases, mail, config } = parts;
  const { team_id: team, database_id: id, created_by: user } = row;
  const person = await postgres.transaction({ teams: [team], user }, async (tx) => ((await teams.isMemberIn(tx, team, user)) ? await teams.findUser(tx, user) : null));
  if (!person) return;
  const { name } = await databases.get(team, id);
  const { title, detail } = problemBody(problem, person.language);
  const about = { name: person.name, database: name, reason: `${title}: ${detail}`, failuresMax: sourceLimits.failuresMax, url: `${config.origin}/databases/${id}` };
  await mail.send({ to: person.email, ...failureLetter(person.language, about) });
}
