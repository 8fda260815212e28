import assert from "node:assert/strict";
import { test } from "node:test";
import { movableClock } from "#src/base/clock.ts";
import type { CheckContext, LogSeen, Probe, Reply } from "#src/rooms/trust/promise.ts";
import { checkLogs } from "./logs.ts";

/** A system that logs as it should, but for what the test changes of what is read. */
function system({ seen = {}, secret, withoutId = false, refuses }: { seen?: Partial<LogSeen>; secret?: (needles: string[]) => string[]; withoutId?: boolean; refuses?: string } = {}): CheckContext {
  let count = 0;
  const probe = { user: { id: "usr_1", email: "probe@example.com", userName: "probe" }, team: "probe_1", token: "kliv_token_of_the_probe", passwordLink: async () => "link-of-the-probe", dispose: async () => {} } as Partial<Probe>;
  const request = async (method: string, path: string): Promise<Reply> => {
    const status = path === refuses ? 503 : method === "POST" && path === "/api/v1/passwords" ? 204 : method === "POST" ? 201 : 200;
    return { status, headers: { ...(withoutId ? {} : { "x-request-id": `req-${++count}` }), "set-cookie": "__Host-kliv=secret-of-a-session; Path=/" }, bytes: Buffer.alloc(0), json: { id: "db_1" } };
  };
  const readLog = async ({ needles }: { needles: string[] }): Promise<LogSeen> => ({
    lines: count, malformed: 0, found: secret ? secret(needles).length : 0, fieldsUnknown: [], requests: new Set(Array.from({ length: count }, (_, i) => `req-${i + 1}`)), missing: 0, daysKept: 30, isPrivate: true, ...seen,
  });
  return { origin: "https://localhost:1", ca: Buffer.alloc(0), clock: movableClock(0), signal: new AbortController().signal, request, live: { readLog, probeActor: async () => probe } as never };
}

const sees = (name: string, context: CheckContext, state: string, summary: RegExp): void => void test(name, async () => {
  // What is not there at once never comes.
  const { state: seen, evidence } = await checkLogs(context, 0);
  assert.equal(seen, state, evidence.summary.en);
  assert.match(evidence.summary.en, summary);
});

sees("kept where all is told and nothing that must not be", system(), "kept", /kept for 30 days/);
sees("broken where a secret is logged", system({ seen: { found: 2 } }), "broken", /2 lines of the log hold/);
for (const [what, part] of [["token", "kliv_token_of_the_probe"], ["link", "link-of-the-probe"], ["session", "secret-of-a-session"]] as const) {
  sees(`looks for the ${what}`, system({ secret: (needles) => needles.filter((needle) => needle === part) }), "broken", /1 lines of the log hold/);
}
sees("broken where a field is on no list", system({ seen: { fieldsUnknown: ["password"] } }), "broken", /on no list: password/);
sees("broken where it is kept for less", system({ seen: { daysKept: 29 } }), "broken", /29 days only/);
sees("broken where others can read it", system({ seen: { isPrivate: false } }), "broken", /Others than/);
sees("broken where answers have no id", system({ withoutId: true }), "broken", /no request id/);
sees("broken where calls are not told of", system({ seen: { requests: new Set() } }), "broken", /does not tell of \d+ of the calls/);
sees("unknown where the log itself says that lines are missing", system({ seen: { requests: new Set(), missing: 3 } }), "unknown", /says itself/);
sees("unknown where lines cannot be read", system({ seen: { malformed: 1 } }), "unknown", /could not be read/);
sees("unknown where the calls cannot be made", system({ refuses: "/api/v1/sessions" }), "unknown", /could not sign in/);
