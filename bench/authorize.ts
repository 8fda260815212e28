import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { can, sees } from "#src/access/access.ts";
import type { Resource } from "#src/access/access.ts";
import { readConfig } from "#src/base/config.ts";
import { operator } from "#src/commands/command.ts";
import { startServer } from "#src/server.ts";
import { measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { freePort } from "./served.ts";

const sessions = 301;
const againRounds = 20_001;

export const authorize: Measurement = {
  name: "authorize",
  about: "p50 of what a request pays to know its person, the thing it asks for and whether that is allowed, for a session that this node has not seen, against one look-up by key in the same PostgreSQL",
  async measure({ tell }) {
    const home = mkdtempSync(join(tmpdir(), "kliv-bench-"));
    const running = await startServer(readConfig({ home, port: String(await freePort()), "no-sample": true }, { KLIV_CHECKS: "off" }));
    try {
      const { app } = running;
      const { people, database } = await makePeople(running);
      const ask = async (cookie: string): Promise<number> => {
        const startedAt = performance.now();
        const found = app.authenticate({ headers: { cookie } } as never);
        const actor = found instanceof Promise ? await found : found;
        const resolved = actor && app.resolvers["database"]?.(database, actor);
        const resource = (resolved instanceof Promise ? await resolved : resolved) as Resource | null;
        if (!resource || !sees(actor, resource) || !can(actor, "database:query", resource)) throw new Error("not admitted");
        return performance.now() - startedAt;
      };
      const [first = "", ...unseen] = people;
      await ask(first);
      const baseline: number[] = [];
      const cold: number[] = [];
      for (const cookie of unseen) {
        cold.push(await ask(cookie));
        const startedAt = performance.now();
        await app.postgres.pool.query("select 1 from users where id = $1", [cookie]);
        baseline.push(performance.now() - startedAt);
      }
      const again: number[] = [];
      for (let round = 0; round < againRounds; round++) again.push(await ask(first));
      tell(`p50 of a session that this node knows, as nearly every request's is: ${(median(again) * 1000).toFixed(1)} microseconds`);
      return measured({ name: "authorize", value: median(cold), unit: "ms", baseline: median(baseline), baselineName: "one look-up by key", goal: { of: "value", atMost: 0.3 } });
    } finally {
      await running.stop();
      rmSync(home, { recursive: true, force: true });
    }
  },
};

/** One person with many sessions and a database, made by the rooms themselves. */
async function makePeople({ app }: Awaited<ReturnType<typeof startServer>>): Promise<{ people: string[]; database: string }> {
  const { teams, signin, databases } = app.rooms;
  const user = await app.postgres.transaction({}, (tx) => teams.createUser(tx, { email: "bench@example.com", name: "Bench" }));
  const team = await teams.createTeam({ name: "Bench", plan: "free", owner: user.id, by: operator });
  async function* csv(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("a,b\n1,2\n");
  }
  const { id } = await databases.create({ team: team.id, name: "bench", by: operator, upload: { kind: "file", input: csv(), fileName: "a.csv", contentType: "text/csv", sizeBytes: undefined } });
  const people: string[] = [];
  for (let session = 0; session < sessions; session++) {
    const { secret } = await app.postgres.transaction({ user: user.id }, (tx) => signin.letIn(tx, { user, method: "password", hasFactor: false, agent: "bench", by: operator }));
    people.push(`__Host-kliv=${secret}`);
  }
  return { people, database: id };
}
