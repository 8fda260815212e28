import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { canonicalJson } from "./event.ts";
import { openAuditKeys, readVerifier } from "./keys.ts";
import { Frontier, leafHash } from "./merkle.ts";

const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** Section 2.1 of RFC 6962, word by word. */
function rootOf(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0] as Buffer);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

describe("the tree", () => {
  it("has the roots of RFC 6962, also when it is put away and taken up again at each size", () => {
    const leaves = Array.from({ length: 130 }, (_, at) => Buffer.from(`leaf ${at}`));
    let frontier = new Frontier();
    assert.deepEqual(frontier.root(), rootOf([]));
    for (const [at, leaf] of leaves.entries()) {
      frontier.push(leafHash(leaf));
      assert.deepEqual(frontier.root(), rootOf(leaves.slice(0, at + 1)), `size ${at + 1}`);
      frontier = new Frontier(frontier.size, frontier.toBytes());
    }
  });

  it("has the roots that other implementations of Certificate Transparency have", () => {
    const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const frontier = new Frontier();
    for (const leaf of leaves) frontier.push(leafHash(Buffer.from(leaf, "hex")));
    assert.equal(frontier.root().toString("hex"), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });
});

describe("the text of an event", () => {
  it("is that of RFC 8785", () => {
    const value = { "\u20ac": "Euro", "\r": 1e21, b: [null, true, { z: 1, a: "\u000f\n\"\\/" }], "1": 4.5, a: undefined };
    assert.equal(canonicalJson(value), '{"\\r":1e+21,"1":4.5,"b":[null,true,{"a":"\\u000f\\n\\"\\\\/","z":1}],"€":"Euro"}');
  });
});

describe("a checkpoint", () => {
  const home = mkdtempSync(join(tmpdir(), "kliv-keys-"));
  const other = mkdtempSync(join(tmpdir(), "kliv-keys-"));
  after(() => [home, other].forEach((folder) => rmSync(folder, { recursive: true })));
  const keys = openAuditKeys(home);
  const checkpoint = { tree: "team_1", size: 7, root: sha256(), at: "2026-11-24T09:00:00.000Z" };
  const note = signCheckpoint(keys, checkpoint);

  it("is a signed note that the one line of the public key verifies", () => {
    assert.match(note, /^kliv\/audit\/team_1\n7\n[\w+/]{43}=\ntime 2026-11-24T09:00:00.000Z\n\n— kliv-audit [\w+/=]{92}\n$/);
    assert.match(keys.line, /^kliv-audit\+[0-9a-f]{8}\+[\w+/=]{44}$/);
    assert.deepEqual(readCheckpoint(readVerifier(keys.line) ?? assert.fail(), note), checkpoint);
  });

  it("says nothing when a letter of it, or the key, is another", () => {
    assert.equal(readCheckpoint(openAuditKeys(other), note), null);
    for (const [from, to] of [["team_1", "team_2"], ["\n7\n", "\n8\n"], ["09:00", "09:01"], ["— kliv-audit ", "— kliv-other "]] as const) {
      assert.equal(readCheckpoint(keys, note.replace(from, to)), null, to);
    }
    assert.equal(readVerifier(keys.line.replace("+A", "+B")), null);
    assert.equal(readVerifier("nothing"), null);
  });
});
