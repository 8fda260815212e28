import assert from "node:assert/strict";
import { test } from "node:test";
import { movableClock } from "#src/base/clock.ts";
import type { CheckContext, LiveSystem, Reply } from "#src/rooms/trust/promise.ts";
import { checkOutbound } from "./outbound.ts";

const words = { en: "Something", ja: "何か" };
const mail = { name: "mail", purpose: words, fields: [words], state: "in-use" };

/** A system that keeps the promise, but for what the test changes. */
function system({ items = [mail], page = 200, register = 200, live = {} }: { items?: unknown[]; page?: number; register?: number; live?: Partial<LiveSystem> } = {}): CheckContext {
  const reply = (status: number, json: unknown): Reply => ({ status, headers: {}, bytes: Buffer.alloc(0), json });
  return {
    origin: "https://localhost:1", ca: Buffer.alloc(0), clock: movableClock(0), signal: new AbortController().signal,
    request: async (_, path) => (path.startsWith("/api/") ? reply(register, { items }) : reply(page, undefined)),
    live: { attemptOutbound: async () => [{ way: "tcp", isRefused: true }], outbound: () => [{ name: "mail", security: "verified", isLoopback: false }, { name: "database", security: "local", isLoopback: true }], ...live } as LiveSystem,
  };
}

const sees = (name: string, context: CheckContext, state: string, summary: RegExp): void => void test(name, async () => {
  const { state: seen, evidence } = await checkOutbound(context);
  assert.equal(seen, state, evidence.summary.en);
  assert.match(evidence.summary.en, summary);
});

sees("kept where all is refused and listed", system(), "kept", /2 attempts/);
sees("broken where one way out is open", system({ live: { attemptOutbound: async () => [{ way: "tcp", isRefused: true }, { way: "http2", isRefused: false }] } }), "broken", /by http2 to 192\.0\.2\.1/);
sees("broken where a configured connection is not on the register", system({ live: { outbound: () => [{ name: "database of the application's role", security: "verified", isLoopback: false }] } }), "broken", /connect out for database of/);
sees("broken where it is there and said not to be used", system({ items: [{ ...mail, state: "not-in-use" }] }), "broken", /connect out for mail/);
sees("broken where nothing says what is sent", system({ items: [{ ...mail, fields: [] }] }), "broken", /what mail is for/);
sees("broken where a language is missing", system({ items: [{ ...mail, purpose: { en: "Something", ja: "" } }] }), "broken", /what mail is for/);
sees("broken where the register is empty", system({ items: [], live: { outbound: () => [] } }), "broken", /empty/);
sees("broken where the public cannot see it", system({ page: 404 }), "broken", /not shown/);
sees("unknown where nothing could be tried", system({ live: { attemptOutbound: async () => [] } }), "unknown", /could be tried/);
sees("unknown where the register cannot be read", system({ register: 503 }), "unknown", /could not read the register/);
