import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { movableClock } from "../clock.ts";
import { openBlobs } from "./blobs.ts";
import type { Blobs } from "./blobs.ts";
import { conformance, pattern, readAll, rejects } from "./conformance.ts";
import { headerBytes, segmentBytes, tagBytes, trailerBytes } from "./sealed.ts";

const startMs = Date.parse("2026-11-24T00:00:00.123Z");
const masterKey = Buffer.alloc(32, 7);
const clock = movableClock(startMs);
let root: string;
let blobs: Blobs;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "kliv-blobs-"));
  blobs = await open();
});

after(async () => {
  await rm(root, { recursive: true, force: true });
});

function open(options: { key?: Buffer; environment?: string; dir?: string } = {}): Promise<Blobs> {
  const { key = masterKey, environment = "development", dir = root } = options;
  return openBlobs({ url: `dir:${dir}`, key, environment, clock });
}

function fileOf(key: string): string {
  return join(root, "objects", `${key}=`);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

conformance({ name: "directory store", store: () => blobs, pieceBytes: segmentBytes });

describe("directory store's files", () => {
  it("show nothing of the content, and nothing in their names but the key", async () => {
    const canary = "canary-4111-1111-1111-1111";
    await blobs.put("files/canary", Buffer.from(canary.repeat(9000)));
    for (const file of await filesIn(root)) {
      assert.ok(!(await readFile(file)).includes(canary), file);
    }
    assert.deepEqual(await readdir(join(root, "objects", "files")), ["canary="]);
    assert.deepEqual(await blobs.verifyEncryption("files/canary"), {
      encrypted: true,
      how: "AES-256-GCM in segments of 65536 bytes; trailer, first and last segment authenticated",
    });
  });

  it("are for the process's own user only", async () => {
    await blobs.put("files/mode", Buffer.from("x"));
    assert.equal((await stat(fileOf("files/mode"))).mode & 0o777, 0o600);
    assert.equal((await stat(join(root, "objects"))).mode & 0o777, 0o700);
  });

  it("carry the time of the clock, in heads and in lists", async () => {
    await blobs.put("files/time", Buffer.from("x"));
    assert.equal((await blobs.head("files/time"))!.modifiedAt, startMs);
    assert.equal((await blobs.list("files/time")).items[0]!.modifiedAt, startMs);
  });

  it("go with their empty folders when they are deleted", async () => {
    await blobs.put("emptied/a/b", Buffer.from("x"));
    await blobs.delete("emptied/a/b");
    assert.ok(!(await readdir(join(root, "objects"))).includes("emptied"));
  });

  it("survive folders that come and go beneath them", async () => {
    const rounds = Array.from({ length: 40 }, async (_, i) => {
      const key = `churn/${i % 3}/${i}`;
      await blobs.put(key, Buffer.from(key));
      if (i % 2 === 0) await blobs.delete(key);
    });
    await Promise.all(rounds);
    assert.equal((await blobs.list("churn/")).items.length, 20);
  });

  it("survive a folder that another process took away", async () => {
    await blobs.put("taken/away/x", Buffer.from("x"));
    await rm(join(root, "objects", "taken"), { recursive: true });
    await blobs.put("taken/away/y", Buffer.from("y"), { ifNoneMatch: true });
    assert.deepEqual((await blobs.list("taken/")).items.map((item) => item.key), ["taken/away/y"]);
  });

  it("are not looked for behind a symbolic link", async () => {
    await blobs.put("files/target", Buffer.from("x"));
    await symlink(fileOf("files/target"), fileOf("files/link"));
    await assert.rejects(blobs.get("files/link"), { code: "ELOOP" });
    await rm(fileOf("files/link"));
  });
});

describe("directory store's damage", () => {
  const size = 2 * segmentBytes + 1000;
  const bytes = pattern(size);
  const sealedSegment = segmentBytes + tagBytes;

  // Where the length is wrong, even the head is not given out.
  async function isCut(key: string): Promise<void> {
    await isDamaged(key);
    await rejects("BLOB_DAMAGED", blobs.head(key));
  }

  async function isDamaged(key: string): Promise<void> {
    await rejects("BLOB_DAMAGED", blobs.get(key).then(({ body }) => readAll(body)));
  }

  it("is found wherever a byte is flipped", async () => {
    await blobs.put("damage/flipped", bytes);
    const file = fileOf("damage/flipped");
    const intact = await readFile(file);
    assert.equal(intact.length, headerBytes + 3 * tagBytes + size + trailerBytes);
    const places = new Set<number>();
    for (let i = 0; i < headerBytes; i++) places.add(i);
    for (let i = 1; i <= trailerBytes; i++) places.add(intact.length - i);
    for (const segment of [0, 1, 2]) {
      const at = headerBytes + segment * sealedSegment;
      for (const place of [at, at + 500, at + 999, at + (segment === 2 ? 1000 : segmentBytes), at + (segment === 2 ? 1000 : segmentBytes) + 15]) places.add(place);
    }
    for (const place of places) {
      const copy = Buffer.from(intact);
      copy[place]! ^= 1;
      await writeFile(file, copy);
      await isDamaged("damage/flipped");
    }
    await writeFile(file, intact);
    assert.ok(bytes.equals(await readAll((await blobs.get("damage/flipped")).body)));
  });

  it("is found in the part that is asked for, and gives out nothing of that part", async () => {
    await blobs.put("damage/middle", bytes);
    const file = fileOf("damage/middle");
    const copy = await readFile(file);
    copy[headerBytes + sealedSegment + 5]! ^= 1;
    await writeFile(file, copy);
    const start = 2 * segmentBytes;
    assert.ok(bytes.subarray(start).equals(await readAll((await blobs.get("damage/middle", { start })).body)));
    await rejects("BLOB_DAMAGED", blobs.get("damage/middle", { start: segmentBytes, end: segmentBytes }));
    copy[headerBytes + 3]! ^= 1;
    await writeFile(file, copy);
    assert.deepEqual(await blobs.verifyEncryption("damage/middle"), { encrypted: false, how: "segment 0 does not authenticate" });
  });

  it("far into the object ends the body there", async () => {
    const large = pattern(40 * segmentBytes);
    await blobs.put("damage/far", large);
    const file = fileOf("damage/far");
    const copy = await readFile(file);
    copy[headerBytes + 30 * sealedSegment]! ^= 1;
    await writeFile(file, copy);
    const { body } = await blobs.get("damage/far");
    let received = 0;
    const reading = (async () => {
      for await (const chunk of body) {
        assert.ok(large.subarray(received, received + (chunk as Buffer).length).equals(chunk as Buffer));
        received += (chunk as Buffer).length;
      }
    })();
    await rejects("BLOB_DAMAGED", reading);
    assert.ok(received <= 30 * segmentBytes);
  });

  it("is found in a file that was cut, grown, emptied, or lost a whole segment", async () => {
    await blobs.put("damage/cut", bytes);
    const file = fileOf("damage/cut");
    const intact = await readFile(file);
    for (const length of [0, 10, headerBytes, headerBytes + sealedSegment, intact.length - trailerBytes, intact.length - 1]) {
      await truncate(file, length);
      await isCut("damage/cut");
      await writeFile(file, intact);
    }
    const trailer = intact.subarray(intact.length - trailerBytes);
    await writeFile(file, Buffer.concat([intact, Buffer.alloc(1)]));
    await isCut("damage/cut");
    await writeFile(file, Buffer.concat([intact.subarray(0, headerBytes + sealedSegment), intact.subarray(headerBytes + 2 * sealedSegment)]));
    await isCut("damage/cut");
    await writeFile(file, Buffer.concat([intact.subarray(0, headerBytes + sealedSegment), trailer]));
    await isCut("damage/cut");
  });

  it("is found where two segments, or two objects, changed places", async () => {
    await blobs.put("damage/one", bytes);
    await blobs.put("damage/two", bytes);
    const [one, two] = [fileOf("damage/one"), fileOf("damage/two")];
    const intact = await readFile(one);
    const first = intact.subarray(headerBytes, headerBytes + sealedSegment);
    const second = intact.subarray(headerBytes + sealedSegment, headerBytes + 2 * sealedSegment);
    await writeFile(one, Buffer.concat([intact.subarray(0, headerBytes), second, first, intact.subarray(headerBytes + 2 * sealedSegment)]));
    await isDamaged("damage/one");
    await copyFile(two, one);
    await isDamaged("damage/one");
    await writeFile(two, intact);
    await isDamaged("damage/two");
    await rejects("BLOB_DAMAGED", blobs.head("damage/two"));
  });

  it("is a plain file in the store, and is not called encrypted", async () => {
    await writeFile(fileOf("damage/plain"), "a plain file that someone copied into the store ".repeat(20));
    await isDamaged("damage/plain");
    assert.deepEqual(await blobs.verifyEncryption("damage/plain"), { encrypted: false, how: "the file does not begin as an encrypted object" });
  });
});

describe("directory store's marker", () => {
  it("refuses another environment before anything else", async () => {
    await rejects("STORE_ENVIRONMENT_MISMATCH", open({ environment: "production" }));
    await rejects("STORE_ENVIRONMENT_MISMATCH", open({ environment: "staging", key: Buffer.alloc(32, 9) }));
  });

  it("refuses another key, and an environment that was changed by hand", async () => {
    await rejects("STORE_KEY_WRONG", open({ key: Buffer.alloc(32, 9) }));
    const marker = join(root, "store.json");
    const text = await readFile(marker, "utf8");
    await writeFile(marker, text.replace("development", "production"));
    await rejects("STORE_KEY_WRONG", open({ environment: "production" }));
    await writeFile(marker, "{}");
    await rejects("STORE_FOREIGN", open());
    await writeFile(marker, text);
    await open();
  });

  it("refuses a folder of other things, and a store without its marker", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kliv-blobs-foreign-"));
    try {
      await writeFile(join(dir, "letter.txt"), "x");
      await rejects("STORE_FOREIGN", open({ dir }));
      assert.deepEqual(await readdir(dir), ["letter.txt"]);
      await rm(join(dir, "letter.txt"));
      await open({ dir });
      await rm(join(dir, "store.json"));
      await rejects("STORE_FOREIGN", open({ dir }));
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("is one, when several open a new folder at once", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kliv-blobs-new-"));
    try {
      await Promise.all(Array.from({ length: 8 }, () => open({ dir: join(dir, "deep", "er") })));
      assert.deepEqual((await readdir(join(dir, "deep", "er"))).sort(), ["incoming", "objects", "store.json"]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it("cannot be where there is a file", async () => {
    await writeFile(join(root, "file"), "x");
    await rejects("STORE_UNAVAILABLE", open({ dir: join(root, "file") }));
    await rm(join(root, "file"));
  });

  it("refuses addresses that are none, and keys that are too short", async () => {
    await rejects("CONFIG_INVALID", openBlobs({ url: "ftp://x", environment: "development" }));
    await rejects("CONFIG_INVALID", open({ key: Buffer.alloc(16) }));
    await rejects("CONFIG_INVALID", openBlobs({ url: `dir:${root}`, environment: "development" }));
  });
});

describe("directory store's leftovers", () => {
  // Says when it is in the middle, then waits to be killed.
  const child = `
    import { openBlobs } from ${JSON.stringify(new URL("./blobs.ts", import.meta.url).href)};
    const blobs = await openBlobs({ url: "dir:" + process.argv[1], key: Buffer.alloc(32, 7), environment: "development" });
    await blobs.put("killed/put", (async function* () {
      for (let i = 0; ; i++) {
        yield Buffer.alloc(65536, i);
        if (i === 100) { process.stdout.write("half\\n"); await new Promise((resolve) => setTimeout(resolve, 1e9)); }
      }
    })());`;

  it("of a killed process are invisible, and swept when the store is opened; those of a living one stay", async () => {
    const running = spawn(process.execPath, ["--input-type=module", "-e", child, root], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(running.stdout, "data");
      await open();
      assert.equal((await readdir(join(root, "incoming"))).length, 1, "a put under way in another process is left alone");
      assert.equal(await blobs.head("killed/put"), null);
    } finally {
      running.kill("SIGKILL");
      await once(running, "exit");
    }
    assert.equal(await blobs.head("killed/put"), null);
    assert.equal((await readdir(join(root, "incoming"))).length, 1);
    await open();
    assert.deepEqual(await readdir(join(root, "incoming")), []);
    assert.deepEqual((await blobs.list("killed/")).items, []);
  });

  it("of a process whose number is used again are swept", async () => {
    await writeFile(join(root, "incoming", `${process.pid}-12345-aa`), "x");
    await writeFile(join(root, "incoming", "unknown"), "x");
    await open();
    assert.deepEqual(await readdir(join(root, "incoming")), []);
  });

  it("do not stay behind a put that fails", async () => {
    await assert.rejects(blobs.put("leftover/x", (async function* () { yield "text" as never; })()), TypeError);
    await blobs.put("leftover/x", Buffer.from("x"));
    await rejects("BLOB_EXISTS", blobs.put("leftover/x", Buffer.from("x"), { ifNoneMatch: true }));
    assert.deepEqual(await readdir(join(root, "incoming")), []);
  });
});

describe("directory store's bodies", () => {
  it("wait for their reader, and close their file when it leaves", async () => {
    await blobs.put("bodies/large", Buffer.alloc(50 * segmentBytes, 1));
    const openFiles = async (): Promise<number> => (await readdir("/proc/self/fd").catch(() => [])).length;
    const before = await openFiles();
    const bodies = await Promise.all(Array.from({ length: 10 }, async () => (await blobs.get("bodies/large")).body));
    for (const [i, body] of bodies.entries()) {
      if (i % 2 === 0) await body[Symbol.asyncIterator]().next();
      assert.ok(body.readableLength <= 16 * segmentBytes);
      body.destroy();
      if (!body.closed) await once(body, "close");
    }
    assert.equal(await openFiles(), before);
  });
});

