import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Problem } from "#src/base/problems/problem.ts";
import { runImport } from "./run.ts";
import { encode, imported, inChunks, inFolder, limits, problemOf } from "./testing.ts";
import { zipOf } from "./zipping.ts";
import type { Zipped } from "./zipping.ts";

const csv = "id,city\n1,東京\n2,大阪\n";
const rows = [[1, "東京"], [2, "大阪"]];
const tablesOf = async (files: Zipped[], options: Parameters<typeof imported>[1] = {}) => {
  const { outcome } = await imported(zipOf(files), { fileName: "data.zip", ...options });
  return { tables: outcome.tables.map(({ name, rows: count }) => [name, count]), format: outcome.format, warnings: outcome.warnings };
};

function sqliteFile(folder: string, sql: string): Buffer {
  const database = new DatabaseSync(":memory:");
  database.exec(sql);
  const path = join(folder, "made.sqlite");
  database.exec(`VACUUM INTO '${path}'`);
  database.close();
  return Buffer.from(new DatabaseSync(path).serialize());
}

test("a file that is packed is read as the file it was", async () => {
  for (const [pack, ending] of [[gzipSync, "gz"], [zstdCompressSync, "zst"]] as const) {
    for (const chunkBytes of [1, 65_536]) {
      const found = await imported(pack(Buffer.from(csv)), { fileName: `都市.csv.${ending}`, chunkBytes });
      assert.deepEqual([found.rows, found.outcome.tables[0]!.name, found.outcome.format], [rows, "都市", "csv"]);
    }
    assert.equal((await imported(pack(encode(csv, "shift_jis")), { fileName: "x.csv" + `.${ending}` })).outcome.encoding, "shift_jis");
    assert.equal((await imported(pack(Buffer.from('{"a":1}\n{"a":2}\n')), { fileName: `x.ndjson.${ending}` })).outcome.format, "ndjson");
    await inFolder(async (folder) => {
      const found = await imported(pack(sqliteFile(folder, "CREATE TABLE t(a PRIMARY KEY); INSERT INTO t VALUES (1), (2)")), { fileName: `x.sqlite.${ending}` });
      assert.deepEqual([found.rows, found.outcome.format], [[[1], [2]], "sqlite"]);
    });
  }
  assert.deepEqual((await imported(Buffer.concat([gzipSync(Buffer.from("a\n1\n")), gzipSync(Buffer.from("2\n"))]), { fileName: "parts.csv.gz" })).rows, [[1], [2]]);
});

test("a ZIP file with one file is that file, with several they are tables of one database", async () => {
  assert.deepEqual(await tablesOf([{ name: "売上/都市.csv", body: csv }]), { tables: [["都市", 2]], format: "csv", warnings: [] });
  const several: Zipped[] = [
    { name: "2023/data.csv", body: csv, method: 0 }, { name: "2024/data.csv.gz", body: gzipSync(Buffer.from(csv)), method: 93 }, { name: "orders.json", body: '{"orders":[{"a":1}],"lines":[{"b":1},{"b":2}]}' },
    { name: "README.txt", body: "read me" }, { name: "licence.pdf", body: "%PDF-1.7" }, { name: "picture.dat", body: Buffer.from("89504e470d0a1a0a", "hex") }, { name: "__MACOSX/._data.csv", body: "\u0000" }, { name: "2023/", body: "" },
  ];
  assert.deepEqual(await tablesOf(several), {
    tables: [["2023_data", 2], ["2024_data", 2], ["orders", 1], ["lines", 2]], format: "zip",
    warnings: [{ code: "FILES_LEFT_OUT", count: 3, names: "README.txt, licence.pdf, picture.dat" }],
  });
  const warned = await tablesOf([{ name: "a.csv", body: "a,b\n1\n" }, { name: "b.csv", body: csv }]);
  assert.deepEqual(warned.warnings, [{ code: "ROWS_SHORT", count: 1, line: 2, file: "a.csv" }]);
});

test("names in a ZIP file are read as they were meant", async () => {
  const utf8 = Buffer.from("都市.csv");
  const japanese = encode("売上表.csv", "shift_jis");
  const plain = Buffer.from("x.csv");
  const unicode = Buffer.concat([Buffer.from([0x75, 0x70, 5 + utf8.length, 0, 1]), Buffer.alloc(4), utf8]);
  unicode.writeUInt32LE(crc32(plain), 5);
  const files: Zipped[] = [{ name: utf8, body: csv, flags: 0 }, { name: japanese, body: csv }, { name: plain, body: csv, extra: unicode }, { name: "folder\\y.csv", body: csv }];
  assert.deepEqual((await tablesOf(files)).tables, [["都市", 2], ["売上表", 2], ["都市_2", 2], ["y", 2]]);
});

test("a database in a ZIP file keeps all it has, and the others are added to it", async () => {
  await inFolder(async (folder) => {
    const database = sqliteFile(folder, "CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT UNIQUE); CREATE VIEW orders AS SELECT 1 AS x; INSERT INTO city VALUES (7, '東京')");
    const found = await imported(zipOf([{ name: "orders.csv", body: csv }, { name: "main.sqlite", body: database }]), { fileName: "x.zip" });
    assert.deepEqual(found.outcome.tables.map(({ name, rows: count }) => [name, count]), [["city", 1], ["orders_2", 2]]);
    assert.deepEqual(found.rows, [[7, "東京"]]);
    assert.equal((await problemOf(imported(zipOf([{ name: "a.db", body: database }, { name: "b.db", body: database }]), { fileName: "x.zip" }))).code, "FILE_ZIP_DATABASES");
  });
});

test("what is wrong with a packed file is said", async () => {
  const packed = gzipSync(Buffer.from(csv.repeat(1_000)));
  const flipped = Buffer.from(packed);
  flipped[flipped.length - 6]! ^= 1;
  const zst = zstdCompressSync(Buffer.from(csv.repeat(1_000)));
  const zip = zipOf([{ name: "a.csv", body: csv }]);
  const zeros = Buffer.alloc(80 * 1024 ** 2, `${"x".repeat(5_000)},2\n`);
  const inner = zipOf([{ name: "b.csv", body: csv }]);
  const cases: [string, Buffer, string][] = [
    ["x.csv.gz", packed.subarray(0, packed.length - 9), "FILE_PACKED_DAMAGED"],
    ["x.csv.gz", flipped, "FILE_PACKED_DAMAGED"],
    ["x.csv.zst", zst.subarray(0, zst.length - 3), "FILE_PACKED_DAMAGED"],
    ["x.csv.gz", gzipSync(packed), "FILE_PACKED_NESTED"],
    ["x.zip", zipOf([{ name: "b.csv", body: csv }, { name: "inner.zip", body: inner }]), "FILE_PACKED_NESTED"],
    ["x.zip", zipOf([{ name: "b.csv.gz", body: gzipSync(gzipSync(Buffer.from(csv))) }]), "FILE_PACKED_NESTED"],
    ["x.zip.gz", gzipSync(inner), "FILE_PACKED_NESTED"],
    ["x.csv.gz", gzipSync(zeros), "FILE_UNPACKED_RATIO"],
    ["x.zip", zipOf([{ name: "zeros.csv", body: zeros }]), "FILE_UNPACKED_RATIO"],
    ["x.zip", zipOf(Array.from({ length: 1_001 }, (_, i) => ({ name: `${i}.csv`, body: csv }))), "FILE_ZIP_ENTRIES"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv }, { name: "../../etc/cron.d/x.csv", body: csv }]), "FILE_ZIP_NAME"],
    ["x.zip", zipOf([{ name: "/etc/passwd", body: csv }]), "FILE_ZIP_NAME"],
    ["x.zip", zipOf([{ name: "a\\..\\..\\x.csv", body: csv }]), "FILE_ZIP_NAME"],
    ["x.zip", zipOf([{ name: "c:\\x.csv", body: csv }]), "FILE_ZIP_NAME"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv, flags: 1 }]), "FILE_ZIP_ENCRYPTED"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv, method: 14 }]), "FILE_ZIP_METHOD"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv, crc: 1 }]), "FILE_PACKED_DAMAGED"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv, sizeBytes: 10 }]), "FILE_PACKED_DAMAGED"],
    ["x.zip", zipOf([{ name: "a.csv", body: csv, sizeBytes: 1_000 }]), "FILE_PACKED_DAMAGED"],
    ["x.zip", zip.subarray(0, zip.length - 30), "FILE_PACKED_DAMAGED"],
    ["x.zip", zipOf([]), "FILE_ZIP_NO_TABLES"],
    ["x.zip", zipOf([{ name: "README.md", body: "x" }, { name: "a.png", body: "x" }]), "FILE_ZIP_NO_TABLES"],
    ["x.csv", gzipSync(Buffer.from(csv)), "FILE_EXTENSION_WRONG"],
    ["x.tar.gz", gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from("ustar"), Buffer.alloc(500)])), "FILE_FORMAT_UNSUPPORTED"],
  ];
  for (const [fileName, body, code] of cases) {
    const problem = await problemOf(imported(body, { fileName }));
    assert.equal(problem.code, code, `${fileName}: ${problem.message}`);
  }
  assert.equal((await problemOf(imported(gzipSync(Buffer.from(csv)), { fileName: "x.csv.gz", limits: { uploadBytesMax: 20 } }))).code, "FILE_TOO_LARGE");
  assert.equal((await problemOf(imported(gzipSync(Buffer.from(csv.repeat(100))), { fileName: "x.csv.gz", limits: { uploadBytesMax: 100 } }))).code, "FILE_UNPACKED_TOO_LARGE");
});

test("a damaged file inside is named with its archive, and its line is its own", async () => {
  const failed = await inFolder(async (workDir) => {
    const body = zipOf([{ name: "good.csv", body: csv }, { name: "folder/悪い.csv", body: "a,b\n1,2\n3,4,5\n" }]);
    const error = await runImport({ workDir, fileName: "data.zip", limits }, inChunks(body, 1000), () => {}).then(() => null, (one: unknown) => one);
    assert.ok(error instanceof Problem);
    assert.deepEqual(readdirSync(workDir), []);
    return error;
  });
  assert.deepEqual([failed.code, failed.options.file, failed.options.line], ["FILE_ROW_WIDTH", "data.zip/folder/悪い.csv", 3]);
  const packed = await problemOf(imported(gzipSync(Buffer.from('[{"a":1},\n{"a":}]')), { fileName: "x.json.gz" }));
  assert.deepEqual([packed.code, packed.line, packed.column], ["FILE_JSON_SYNTAX", 2, 6]);
});

test("overlapping files of one archive count all the same", async () => {
  // Every file of the directory is the same few bytes of the archive.
  const one = zipOf([{ name: "a.csv", body: Buffer.alloc(1024 ** 2, `${"x".repeat(5_000)},2\n`) }]);
  const packedBytes = deflateRawSync(Buffer.alloc(1024 ** 2, `${"x".repeat(5_000)},2\n`)).length;
  const start = 30 + 5 + packedBytes;
  const entry = one.subarray(start, one.length - 22);
  const count = 900;
  const end = Buffer.from(one.subarray(one.length - 22));
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(entry.length * count, 12);
  const problem = await problemOf(imported(Buffer.concat([one.subarray(0, start), ...Array.from({ length: count }, () => entry), end]), { fileName: "x.zip" }));
  assert.equal(problem.code, "FILE_UNPACKED_RATIO");
});
