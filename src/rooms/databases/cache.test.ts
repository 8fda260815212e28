import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import type { Blobs } from "#src/base/blobs/blobs.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { openWork, workRoots } from "#src/base/work.ts";
import type { Work } from "#src/base/work.ts";
import { createCache } from "./cache.ts";
import type { CachedObject } from "./cache.ts";

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that servers share, with all that belongs to it. */
function makeShared(): string {
  const folder = mkdtempSync(join(tmpdir(), "kliv-cache-"));
  const { memory } = workRoots({ home: "", diskDir: folder });
  folders.push(folder, ...(memory ? [memory] : []));
  return folder;
}

const share = (folder: string, home = "a"): Work => openWork({ home, diskDir: folder });
const filesOf = (work: Work): string[] => work.roots.flatMap((root) => readdirSync(root).map((name) => join(root, name)));

/** A store of objects that counts how often it is asked. */
function makeStore(count: number, sizeBytes = 1_000) {
  const contents = new Map<string, Buffer>();
  const objects: CachedObject[] = Array.from({ length: count }, (_, at) => {
    const bytes = randomBytes(sizeBytes);
    contents.set(`versions/${at}`, bytes);
    return { id: `ver_${at}`, team: `team_${at % 3}`, database: `db_${at}`, blobKey: `versions/${at}`, sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes };
  });
  const store = { asked: 0, contents, objects };
  const get = async (key: string) => {
    store.asked++;
    const bytes = contents.get(key);
    if (!bytes) throw new Problem("BLOB_NOT_FOUND", { values: { key } });
    return { body: Readable.from([bytes.subarray(0, 300), bytes.subarray(300)]) };
  };
  return { ...store, blobs: { get } as unknown as Blobs, count: () => store.asked, bytesOf: ({ blobKey }: CachedObject) => contents.get(blobKey)! };
}

test("what one server fetched another one of the folder opens, and the next one after a restart", async () => {
  const folder = makeShared();
  const { blobs, objects, count, bytesOf } = makeStore(2);
  const [one, other] = [share(folder), share(folder, "b")];
  const path = await createCache({ blobs, work: one, bytesMax: 1e6 }).open(objects[0]!);
  assert.deepEqual(readFileSync(path), bytesOf(objects[0]!));
  assert.equal(await createCache({ blobs, work: other, bytesMax: 1e6 }).open(objects[0]!), path);
  one.close();
  other.close();
  assert.equal(await createCache({ blobs, work: share(folder), bytesMax: 1e6 }).open(objects[0]!), path);
  assert.equal(count(), 1);
});

test("a copy that was changed meanwhile is fetched again", async () => {
  const folder = makeShared();
  const { blobs, objects, count, bytesOf } = makeStore(1);
  const path = await createCache({ blobs, work: share(folder), bytesMax: 1e6 }).open(objects[0]!);
  const flipped = Buffer.from(bytesOf(objects[0]!));
  flipped[500]! ^= 1;
  writeFileSync(path, flipped);
  const again = await createCache({ blobs, work: share(folder), bytesMax: 1e6 }).open(objects[0]!);
  assert.deepEqual(readFileSync(again), bytesOf(objects[0]!));
  assert.equal(count(), 2);
});

test("an object that does not fit its checksum leaves nothing", async () => {
  const work = share(makeShared());
  const { blobs, objects, contents } = makeStore(1);
  contents.set("versions/0", randomBytes(1_000));
  await assert.rejects(createCache({ blobs, work, bytesMax: 1e6 }).open(objects[0]!), (error) => error instanceof Problem && error.code === "BLOB_DAMAGED");
  assert.deepEqual(filesOf(work), []);
});

test("names tell nothing and cannot be calculated without the key", async () => {
  const [mine, theirs] = [share(makeShared()), share(makeShared())];
  const { blobs, objects } = makeStore(1);
  const names = await Promise.all([mine, theirs].map(async (work) => basename(await createCache({ blobs, work, bytesMax: 1e6 }).open(objects[0]!))));
  assert.notEqual(names[0], names[1]);
  for (const name of names) assert.match(name, /^[0-9a-f]{20}-[0-9a-f]{20}-[0-9a-f]{40}\.sqlite$/);
  for (const root of mine.roots) assert.equal(statSync(root).mode & 0o777, 0o711);
  assert.ok(!readdirSync(mine.roots.at(-1)!).includes("names.key"), "children read the folders of copies");
});

test("the least recently used goes first, and what is open stays readable", async () => {
  const work = share(makeShared());
  const { blobs, objects, bytesOf } = makeStore(6);
  const cache = createCache({ blobs, work, bytesMax: 4_500 });
  const paths: string[] = [];
  for (const [at, object] of objects.slice(0, 4).entries()) {
    paths.push(await cache.open(object));
    await cache.settled();
    // Used long ago, the second one longest.
    const seconds = Date.now() / 1_000 - 1_000 - (at === 1 ? 500 : -at);
    utimesSync(paths[at]!, seconds, seconds);
  }
  const held = openSync(paths[1]!, "r");
  await cache.open(objects[4]!);
  await cache.settled();
  const left = filesOf(work);
  assert.equal(left.length, 4);
  assert.ok(!left.includes(paths[1]!));
  assert.deepEqual(readFileSync(held), bytesOf(objects[1]!));
  closeSync(held);
  assert.deepEqual(readFileSync(await cache.open(objects[1]!)), bytesOf(objects[1]!));
});

test("an object larger than the whole cache is opened all the same", async () => {
  const work = share(makeShared());
  const { blobs, objects, bytesOf } = makeStore(2, 50_000);
  const cache = createCache({ blobs, work, bytesMax: 1_000 });
  for (const object of objects) assert.deepEqual(readFileSync(await cache.open(object)), bytesOf(object));
  await cache.settled();
});

test("a team's copies, a database's and those of databases that are gone are removed for all", async () => {
  const folder = makeShared();
  const { blobs, objects } = makeStore(6);
  const [one, other] = [createCache({ blobs, work: share(folder), bytesMax: 1e6 }), createCache({ blobs, work: share(folder, "b"), bytesMax: 1e6 })];
  const paths = await Promise.all(objects.map((object) => one.open(object)));
  const left = () => filesOf(share(folder)).map((path) => paths.indexOf(path)).sort();
  await other.forget({ team: "team_0" });
  assert.deepEqual(left(), [1, 2, 4, 5]);
  await other.forget({ team: "team_1", database: "db_1" });
  assert.deepEqual(left(), [2, 4, 5]);
  await other.forget(objects[4]!);
  assert.deepEqual(left(), [2, 5]);
  await other.keepOnly([objects[2]!]);
  assert.deepEqual(left(), [2]);
});

test("without a folder of the operator's nothing outlives the server", async () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-cache-"));
  const work = openWork({ home, diskDir: null });
  folders.push(home, ...work.roots);
  const { blobs, objects } = makeStore(1);
  await createCache({ blobs, work, bytesMax: 1e6 }).open(objects[0]!);
  work.close();
  assert.ok(work.roots.every((root) => !statSync(root, { throwIfNoEntry: false })));
});

test("a job's folder goes when its process has gone, and not while it lives", () => {
  const folder = makeShared();
  const work = share(folder);
  const mine = work.makeFolder(10);
  const gone = join(work.roots.at(-1)!, basename(mine).replace(/-\d+\.\w*-/, "-999999999.1-"));
  rmSync(gone, { recursive: true, force: true });
  writeFileSync(gone, "");
  const other = share(folder, "b");
  assert.ok(statSync(mine, { throwIfNoEntry: false }));
  assert.ok(!statSync(gone, { throwIfNoEntry: false }));
  other.close();
  assert.ok(statSync(mine, { throwIfNoEntry: false }), "another server's stop leaves it");
  work.close();
  assert.ok(!statSync(mine, { throwIfNoEntry: false }));
});

test("several open and put out at once, and everyone reads what was stored", async () => {
  const seed = Number(process.env["KLIV_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const folder = makeShared();
  const { blobs, objects, bytesOf, count } = makeStore(40);
  const caches = ["a", "b", "c"].map((home) => createCache({ blobs, work: share(folder, home), bytesMax: 10_000, graceMs: [0] }));
  let renewed = 0;
  const reader = async (): Promise<void> => {
    for (let turn = 0; turn < 150; turn++) {
      const object = objects[random(objects.length)]!;
      const cache = caches[random(caches.length)]!;
      // Put out between being told and being opened, it is asked for again, as queries do.
      const handle = await openFirst(async () => await cache.open(object), () => renewed++);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(readFileSync(handle), bytesOf(object), `seed ${seed}`);
      closeSync(handle);
    }
  };
  await Promise.all(Array.from({ length: 8 }, reader));
  await Promise.all(caches.map((cache) => cache.settled()));
  assert.ok(count() > objects.length + 20, `seed ${seed}: ${count()} fetches, so copies were put out all the time`);
  assert.ok(renewed < 100, `seed ${seed}: ${renewed} of 1200 were gone before they were opened`);
});

async function openFirst(path: () => Promise<string>, onGone: () => void): Promise<number> {
  for (;;) {
    try {
      return openSync(await path(), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      onGone();
    }
  }
}
