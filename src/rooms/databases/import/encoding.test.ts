import assert from "node:assert/strict";
import { test } from "node:test";
import { encode, imported, problemOf } from "./testing.ts";

const encodingOf = async (bytes: Buffer) => (await imported(bytes)).outcome.encoding;

test("Japanese encodings are told apart", async () => {
  const text = "氏名,住所\n山田太郎,東京都千代田区\n佐藤花子,大阪府大阪市\n";
  for (const encoding of ["shift_jis", "euc-jp", "utf-8", "utf-16le", "utf-16be"]) {
    const { outcome, rows } = await imported(encode(text, encoding));
    assert.equal(outcome.encoding, encoding);
    assert.deepEqual(rows[0], ["山田太郎", "東京都千代田区"]);
  }
});

test("half-width katakana of a bank's file are Shift_JIS", async () => {
  const { outcome, rows } = await imported(encode("ｺｰﾄﾞ,ﾅﾏｴ\n1,ﾔﾏﾀﾞ ﾀﾛｳ\n2,ｻﾄｳ ﾊﾅｺ\n3,ｽｽﾞｷ ｲﾁﾛｳ\n", "shift_jis"));
  assert.equal(outcome.encoding, "shift_jis");
  assert.deepEqual(rows[1], [2, "ｻﾄｳ ﾊﾅｺ"]);
});

test("kanji with a backslash, a bar or a tilde as their second byte do not divide cells", async () => {
  const { rows } = await imported(encode("表|示,能\nソ\\ー,\"ポ|ミ\"\n表示,十貼構\n", "shift_jis"));
  assert.deepEqual(rows, [["ソ\\ー", "ポ|ミ"], ["表示", "十貼構"]]);
});

test("what is clearly Western is Windows-1252", async () => {
  const { outcome, rows } = await imported(encode("name;stadt\nMüller;Köln\nRené;Besançon\nJosé;Málaga – €5\n", "windows-1252"));
  assert.equal(outcome.encoding, "windows-1252");
  assert.deepEqual(rows[2], ["José", "Málaga – €5"]);
});

test("the encoding is decided where the first character beyond ASCII is, however late", async () => {
  const plain = Array.from({ length: 300_000 }, (_, i) => `${i},abc`).join("\n");
  for (const encoding of ["shift_jis", "euc-jp", "utf-8"]) {
    const { outcome, rows } = await imported(Buffer.concat([Buffer.from(`a,b\n${plain}\n`), encode("7,東京都千代田区\n8,ひらがな\n", encoding)]));
    assert.equal(outcome.encoding, encoding);
    assert.deepEqual(rows.slice(-2), [[7, "東京都千代田区"], [8, "ひらがな"]]);
  }
});

test("characters cut by the ends of chunks are whole again", async () => {
  const text = `名前,値\n${"表示ソ,𠮷\n".repeat(50)}`;
  for (const encoding of ["utf-8", "utf-16le", "utf-16be"]) {
    for (const chunkBytes of [1, 2, 3, 5, 7]) assert.deepEqual((await imported(encode(`\ufeff${text}`, encoding), { chunkBytes })).rows[49], ["表示ソ", "𠮷"]);
  }
  for (const chunkBytes of [1, 2, 3, 5, 7]) assert.deepEqual((await imported(encode(text.replaceAll("𠮷", "吉"), "shift_jis"), { chunkBytes })).rows[49], ["表示ソ", "吉"]);
});

test("UTF-16 with nothing but Japanese in it needs no mark", async () => {
  const { outcome, rows } = await imported(encode("都市,県\n東京　都,関東\n大阪　府,関西\n", "utf-16be"));
  assert.equal(outcome.encoding, "utf-16be");
  assert.deepEqual(rows[0], ["東京　都", "関東"]);
});

test("bytes of no encoding are refused, also when they come from a program", async () => {
  assert.deepEqual(await encodingOf(Buffer.from("a,b\n1,2\n")), "utf-8");
  const noise = Buffer.from(Array.from({ length: 4000 }, (_, i) => ((i * 7919 + (i >> 3) * 104_729) % 255) + 1));
  assert.ok(["FILE_ENCODING_UNKNOWN", "FILE_ENCODING", "FILE_BINARY"].includes((await problemOf(imported(noise))).code));
  assert.equal((await problemOf(imported(Buffer.from("00010203040506070809", "hex")))).code, "FILE_BINARY");
});
