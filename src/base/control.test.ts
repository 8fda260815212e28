import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { callControl, openControl } from "./control.ts";
import { Problem } from "./problems/problem.ts";

const home = mkdtempSync(join(tmpdir(), "kliv-control-"));
after(() => rmSync(home, { recursive: true, force: true }));
const code = (wanted: string) => (error: unknown) => error instanceof Problem && error.code === wanted;

test("a command is answered, a refusal arrives as the problem that it was, and only the owner reaches the socket", async () => {
  // What a killed process left is no hindrance.
  writeFileSync(join(home, "control.sock"), "");
  const control = await openControl({
    home,
    handlers: {
      echo: (input) => Promise.resolve({ 答え: input }),
      refuse: () => Promise.reject(new Problem("REQUEST_INVALID", { values: { reason: "not so" } })),
      fail: () => Promise.reject(new Error("secret")),
    },
  });
  try {
    assert.equal(statSync(join(home, "control.sock")).mode & 0o777, 0o600);
    const large = "x".repeat(50_000);
    assert.deepEqual(await callControl({ home, name: "echo", input: large }), { 答え: large });
    await assert.rejects(callControl({ home, name: "refuse", input: null }), (error) => code("REQUEST_INVALID")(error) && /not so/.test((error as Error).message));
    await assert.rejects(callControl({ home, name: "fail", input: null }), (error) => code("INTERNAL")(error) && !/secret/.test(String(error)));
    for (const name of ["nothing", "toString", "__proto__"]) await assert.rejects(callControl({ home, name, input: null }), code("NOT_FOUND"));
    await assert.rejects(callControl({ home, name: "echo", input: "x".repeat(100_000) }), code("BODY_TOO_LARGE"));
  } finally {
    await control.close();
  }
});

test("without a server, and when it ends in the middle, the command is told so", async () => {
  await assert.rejects(callControl({ home, name: "echo", input: null }), code("NOT_RUNNING"));
  const begun = Promise.withResolvers<void>();
  const control = await openControl({ home, handlers: { wait: () => (begun.resolve(), new Promise(() => {})) } });
  const waiting = assert.rejects(callControl({ home, name: "wait", input: null }), code("NOT_RUNNING"));
  await begun.promise;
  await control.close();
  await waiting;
});

test("a command that goes away stops what it asked for; nonsense is refused", async () => {
  const begun = Promise.withResolvers<AbortSignal>();
  const control = await openControl({ home, handlers: { wait: (_, signal) => (begun.resolve(signal), new Promise(() => {})) } });
  try {
    const socket = connect(join(home, "control.sock"));
    socket.write('{"name":"wait"}\n');
    const signal = await begun.promise;
    socket.destroy();
    if (!signal.aborted) await once(signal, "abort");
    const nonsense = connect(join(home, "control.sock"));
    nonsense.write("nonsense\n");
    const [told] = (await once(nonsense, "data")) as [Buffer];
    assert.match(told.toString(), /"INTERNAL"/);
  } finally {
    await control.close();
  }
});

test("a home with a path too long for a socket is reached too", async () => {
  const deep = join(home, "d".repeat(120));
  const control = await openControl({ home: deep, handlers: { echo: (input) => Promise.resolve(input) } });
  try {
    assert.equal(await callControl({ home: deep, name: "echo", input: 7 }), 7);
  } finally {
    await control.close();
  }
});
