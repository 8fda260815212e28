import assert from "node:assert/strict";
import { test } from "node:test";
import { allPromises } from "#promises/all.ts";
import { outboundOf } from "./outbound.ts";
import { trustPage } from "./page.ts";
import type { CheckContext, Finding, PromiseDefinition } from "./promise.ts";
import { holdPromises, loadPromises } from "./registry.ts";
import { runCheck, runChecks } from "./runner.ts";
import type { PromiseView } from "./schema.ts";
import { viewPromise } from "./trust.ts";

const text = { en: "Said.", ja: "述べます。" };
const context = { signal: new AbortController().signal } as CheckContext;
const kept: Finding = { state: "kept", evidence: { summary: text, facts: {} } };

function made(check?: PromiseDefinition["check"], more: Partial<PromiseDefinition> = {}): PromiseDefinition {
  return { id: "A-1", section: "login", kind: "enforced", statement: text, must: text, proof: text, everyHours: 24, ...(check ? { check } : {}), ...more };
}

test("A check that throws is unknown, and its message stays out of the evidence", async () => {
  const { state, evidence } = await runCheck({ promise: made(() => Promise.reject(new TypeError("secret of a customer"))), context });
  assert.equal(state, "unknown");
  assert.deepEqual(evidence.facts, { error: "TypeError" });
  assert.doesNotMatch(JSON.stringify(evidence), /secret/);
});

test("A check that throws before its first await is unknown too", async () => {
  const check = (): Promise<Finding> => {
    throw new Error("at once");
  };
  assert.equal((await runCheck({ promise: made(check), context })).state, "unknown");
});

test("A check that does not end is unknown, and is told to stop", async () => {
  let isTold = false;
  const check = ({ signal }: CheckContext): Promise<Finding> =>
    new Promise(() => {
      signal.addEventListener("abort", () => (isTold = true));
    });
  const { state, evidence } = await runCheck({ promise: made(check, { timeoutMs: 5 }), context });
  assert.equal(state, "unknown");
  assert.equal(evidence.facts.limitMs, 5);
  assert.equal(isTold, true);
});

test("A check that answers nonsense, or that does not exist, is unknown", async () => {
  for (const answer of [undefined, {}, { state: "kept" }, { state: "fine", evidence: { summary: text, facts: {} } }, { state: "not-promised", evidence: { summary: text, facts: {} } }]) {
    assert.equal((await runCheck({ promise: made(() => Promise.resolve(answer as Finding)), context })).state, "unknown");
  }
  assert.equal((await runCheck({ promise: made(), context })).state, "unknown");
  assert.equal((await runCheck({ promise: made(() => Promise.resolve(kept)), context })).state, "kept");
});

test("Evidence is held to its limits", async () => {
  const facts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`fact ${at}`, "x".repeat(10_000)]));
  const { evidence } = await runCheck({ promise: made(() => Promise.resolve({ state: "kept", evidence: { summary: { en: "y".repeat(9_999), ja: "z" }, facts } })), context });
  assert.equal(Object.keys(evidence.facts).length, 40);
  assert.ok(JSON.stringify(evidence).length < 20_000);
});

test("Checks run one at a time, each once", async () => {
  let running = 0;
  let most = 0;
  const check = async (): Promise<Finding> => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    running--;
    return kept;
  };
  const seen: string[] = [];
  const promises = Array.from({ length: 9 }, (_, at) => made(check, { id: `A-${at}` }));
  await runChecks({ promises, context, onFinding: ({ id }) => Promise.resolve(void seen.push(id)) });
  assert.equal(most, 1);
  assert.deepEqual(seen, promises.map(({ id }) => id));
});

test("What is cut short by a stop gives no finding, and nothing after it runs", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const promises = [made(() => Promise.resolve(kept), { id: "A-1" }), made(() => (stop.abort(), Promise.reject(new Error("cut"))), { id: "A-2" }), made(() => Promise.resolve(kept), { id: "A-3" })];
  await runChecks({ promises, context: { ...context, signal: stop.signal }, onFinding: ({ id }) => Promise.resolve(void seen.push(id)) });
  assert.deepEqual(seen, ["A-1"]);
});

test("The registry holds 74 whole promises and refuses anything less", async () => {
  assert.equal((await loadPromises()).length, 74);
  assert.throws(() => holdPromises(allPromises.slice(1)), /73/);
  const twice = [...allPromises.slice(1), allPromises[5] as PromiseDefinition];
  assert.throws(() => holdPromises(twice), /twice/);
  const empty = allPromises.map((one) => (one.id === "NET-1" ? { ...one, must: { en: "", ja: "x" } } : one));
  assert.throws(() => holdPromises(empty), /NET-1 lacks a text/);
});

test("Outgoing connections are judged as their clients act", () => {
  const base = { smtpUrl: null, databaseUrl: null, databaseAppUrl: null, blobsUrl: "dir:/x" };
  const of = (change: object, verifiesByDefault = true): string =>
    outboundOf({ ...base, ...change }, { verifiesByDefault }).filter((one) => one.security !== "local").map((one) => `${one.name} ${one.security}${one.isLoopback ? " loopback" : ""}`).join();
  assert.equal(of({}), "");
  assert.equal(of({ smtpUrl: "smtps://mail.example.com" }), "mail verified");
  assert.equal(of({ smtpUrl: "smtps://mail.example.com" }, false), "mail unverified");
  assert.equal(of({ smtpUrl: "smtp://mail.example.com" }), "mail none");
  assert.equal(of({ smtpUrl: "smtp://mail.example.com?requireTLS=true" }), "mail verified");
  assert.equal(of({ smtpUrl: "smtp://localhost:25" }), "mail none loopback");
  assert.equal(of({ databaseUrl: "postgres://db.example.com/kliv" }), "database none");
  assert.equal(of({ databaseUrl: "postgres://db.example.com/kliv?sslmode=verify-full" }), "database verified");
  assert.equal(of({ databaseUrl: "postgres://db.example.com/kliv?sslmode=no-verify" }), "database unverified");
  assert.equal(of({ databaseUrl: "postgres://db.example.com/kliv?sslmode=require&uselibpqcompat=true" }), "database unverified");
  assert.equal(of({ databaseUrl: "postgres://u@localhost/kliv?host=/run/postgresql" }), "");
  assert.equal(of({ databaseUrl: "postgres://u:p@/kliv?host=%2Frun%2Fpostgresql&port=5432" }), "");
  assert.equal(of({ blobsUrl: "s3://bucket" }), "objects verified");
  assert.equal(of({ blobsUrl: "s3://bucket?endpoint=http://10.0.0.1:9000" }), "objects none");
});

test("The page shows every promise with its state in both languages, escaped and without scripts or styles", () => {
  const views: PromiseView[] = allPromises.map((promise) => viewPromise(promise, null, 0));
  const [first, second] = views as [PromiseView, PromiseView];
  first.state = "kept";
  first.checkedAt = "2026-11-24T03:00:00.000Z";
  first.evidence = { summary: { en: "<script>alert(1)</script>", ja: "<b>太字</b>" }, facts: { '<i a="b">': "'&", done: true } };
  second.state = "broken";
  for (const language of ["en", "ja"] as const) {
    const page = trustPage({ language, promises: views, walls: { level: "bubblewrap", separateUser: true, filtersCalls: true } });
    assert.doesNotMatch(page, /<script|<b>|<i a|style=|\son\w+=/);
    assert.ok(page.includes(language === "ja" ? "カーネルが拒否します（seccomp）。プロセスは" : "(seccomp). They run as another user"));
    for (const { id, statement } of views) {
      assert.ok(page.includes(`id="${id}"`), id);
      assert.ok(page.includes(statement[language].replaceAll("'", "&#39;").replaceAll("&", "&amp;").replaceAll("&amp;#39;", "&#39;")), id);
    }
    const [, numbers] = /<ul class="trust-counts">(.*?)<\/ul>/.exec(page) ?? [];
    assert.deepEqual([...(numbers ?? "").matchAll(/trust-number">(\d+)/g)].map(([, number]) => Number(number)), [1, 1, 71, 1]);
    assert.ok(page.includes(language === "ja" ? "「不明」は「守られている」という意味ではありません" : "Unknown does not mean kept"));
    assert.ok(page.includes('<time datetime="2026-11-24T03:00:00.000Z">'));
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
  }
});
