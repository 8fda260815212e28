import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { rawDirectory } from "#src/rooms/trust/rawstore.ts";
import type { LiveSystem } from "#src/rooms/trust/promise.ts";
import { checkAtRest } from "./at-rest.ts";
import { createPeer } from "./peer.ts";

async function run(change: (live: LiveSystem, folder: string) => Partial<LiveSystem>) {
  const peer = await createPeer();
  const folder = await mkdtemp(join(tmpdir(), "kliv-rest-"));
  try {
    const { context } = peer;
    return await checkAtRest({ ...context, live: { ...context.live, ...change(context.live, folder) } });
  } finally {
    await peer.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The store's own methods, with some of them replaced: a driver with one fault. */
function faulty(blobs: Blobs, change: Partial<Blobs>): Blobs {
  const own = Object.fromEntries((["put", "get", "head", "delete", "list", "verifyEncryption", "close"] as const).map((name) => [name, (blobs[name] as Function).bind(blobs)]));
  return { kind: blobs.kind, ...own, ...change } as Blobs;
}

test("REST-2 is kept by the encrypting directory", async () => {
  const { state, evidence } = await run(() => ({}));
  assert.equal(state, "kept", evidence.summary.en);
  assert.equal(evidence.facts.objects, 2, "the uploaded database, and the check's own object");
  assert.ok(Number(evidence.facts.rawBytes) > 100_000);
});

test("REST-2 is broken by a driver that writes plain bytes", async () => {
  const { state, evidence } = await run(({ blobs }, folder) => ({
    blobs: faulty(blobs, {
      async put(key, body, options) {
        await writeFile(join(folder, "plain"), body as Buffer);
        return await blobs.put(key, body, options);
      },
    }),
    rawStore: rawDirectory(folder),
  }));
  assert.equal(state, "broken", evidence.summary.en);
  assert.match(evidence.summary.en, /stands readable in 1 files/);
});

test("REST-2 is broken by one object without encryption", async () => {
  const { state, evidence } = await run(({ blobs }) => ({ blobs: faulty(blobs, { async verifyEncryption(key) {
    return key.startsWith("versions/") ? { encrypted: false, how: "not sealed" } : await blobs.verifyEncryption(key);
  } }) }));
  assert.equal(state, "broken");
  assert.match(evidence.summary.en, /1 stored objects are not encrypted/);
});

test("REST-2 is unknown, not kept, on a store that does not show what it did, and on one that lists nothing", async () => {
  const silent = await run(({ blobs }) => ({ blobs: faulty(blobs, { verifyEncryption: () => Promise.resolve({ encrypted: false, how: "server-side encryption AES256: accepted, not shown" }) }) }));
  assert.equal(silent.state, "unknown", silent.evidence.summary.en);
  const empty = await run(({ blobs }) => ({ blobs: faulty(blobs, { list: () => Promise.resolve({ items: [], next: null }) }) }));
  assert.equal(empty.state, "unknown", empty.evidence.summary.en);
});

test("REST-2 is unknown when the raw bytes are somewhere else", async () => {
  const { state, evidence } = await run((_, folder) => ({ rawStore: rawDirectory(folder) }));
  assert.equal(state, "unknown");
  assert.match(evidence.summary.en, /raw bytes of the object were not found/);
});

test("REST-2 leaves nothing behind, and a store without raw access is judged by its headers", async () => {
  const peer = await createPeer();
  try {
    const { rawStore: _, ...live } = peer.context.live;
    const { state, evidence } = await checkAtRest({ ...peer.context, live });
    assert.equal(state, "kept", evidence.summary.en);
    assert.doesNotMatch(evidence.summary.en, /raw bytes/);
    assert.deepEqual((await peer.context.live.blobs.list("promises/")).items, []);
  } finally {
    await peer.close();
  }
});

test("A row is found in raw bytes also where it lies across the pieces that are read", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kliv-raw-"));
  try {
    const bytes = Buffer.alloc(3 * 1024 ** 2, 0x2e);
    bytes.write("needle", 1024 ** 2 - 3);
    await writeFile(join(folder, "a"), bytes);
    await writeFile(join(folder, "b"), Buffer.from("needl"));
    const seen = await rawDirectory(folder).scan([Buffer.from("needle"), Buffer.from("x".repeat(20))]);
    assert.equal(seen.found, 1);
    assert.equal(seen.files, (await readdir(folder)).length);
    assert.equal((await readFile(join(folder, "b"))).length, 5);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
