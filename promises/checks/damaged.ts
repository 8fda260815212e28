import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { parquetSample, workbookSample, zipSample } from "./binary.ts";

export interface Sample {
  fileName: string;
  type: string;
  bytes: Buffer;
  /** The line, 1-based, that a refusal has to name. */
  line?: number;
}

const csv = "text/csv";
const tsv = "text/tab-separated-values";
const json = "application/json";
const ndjson = "application/x-ndjson";
const sql = "application/sql";
const gzip = "application/gzip";
const zip = "application/zip";
const parquet = "application/vnd.apache.parquet";
const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const sqlite = "application/vnd.sqlite3";
const pageBytes = 4_096;
export const sampleRows = 2_000;

/** A database of about thirty pages with a table and an index. */
export async function sqliteSample(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "kliv-promise-"));
  try {
    const file = join(folder, "sample.sqlite");
    const db = new DatabaseSync(file);
    db.exec(`pragma page_size = ${pageBytes}; create table city (id integer primary key, name text not null, people integer); create index city_name on city (name); begin`);
    const add = db.prepare("insert into city (name, people) values (?, ?)");
    for (let row = 0; row < sampleRows; row++) add.run(`都市 ${String(row).padStart(6, "0")} ${"x".repeat(20)}`, row * 7);
    db.exec("commit");
    db.close();
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sound files of each format, with the number of their rows. */
export function soundSamples(database: Buffer): (Sample & { rows: number })[] {
  return [
    { fileName: "sound.csv", type: csv, bytes: Buffer.from('name,note\n東京,"two\nlines"\n大阪,"a ""quoted"" word"\n'), rows: 2 },
    { fileName: "sound.tsv", type: tsv, bytes: Buffer.from("name\tvalue\na\t1\nb\t2\nc\t3\n"), rows: 3 },
    { fileName: "sound.json", type: json, bytes: Buffer.from('[{"name":"東京","note":{"a":1}},{"name":"大阪"}]'), rows: 2 },
    { fileName: "sound.ndjson", type: ndjson, bytes: Buffer.from('{"name":"東京"}\r\n{"name":9007199254740993}\n'), rows: 2 },
    { fileName: "sound.sql", type: sql, bytes: Buffer.from("CREATE TABLE t(name TEXT, note TEXT);\nINSERT INTO t VALUES ('東京; x', NULL), ('大阪', '');\n"), rows: 2 },
    { fileName: "sound.csv.gz", type: gzip, bytes: gzipSync("name,value\na,1\nb,2\n"), rows: 2 },
    { fileName: "sound.zip", type: zip, bytes: zipSample({ "sound.csv": "name,value\na,1\nb,2\n" }), rows: 2 },
    { fileName: "sound.parquet", type: parquet, bytes: parquetSample, rows: 2 },
    { fileName: "sound.xlsx", type: xlsx, bytes: workbookSample(), rows: 2 },
    { fileName: "sound.sqlite", type: sqlite, bytes: database, rows: sampleRows },
  ];
}

/** Files that no standard of their format allows, or that break a limit. */
export function damagedSamples(database: Buffer): Sample[] {
  const lines = Array.from({ length: 50 }, (_, row) => `${row},東京都\n`).join("");
  return [
    { fileName: "empty.csv", type: csv, bytes: Buffer.alloc(0) },
    { fileName: "empty.sqlite", type: sqlite, bytes: Buffer.alloc(0) },
    { fileName: "binary.csv", type: csv, bytes: Buffer.concat([Buffer.from("a,b\n1,2\n"), Buffer.from("0001020304", "hex"), Buffer.from(",x\n")]), line: 3 },
    { fileName: "quote.csv", type: csv, bytes: Buffer.from('a,b\n1,2\n3,"never closed\n4,5\n'), line: 3 },
    { fileName: "wide.tsv", type: tsv, bytes: Buffer.from("a\tb\n1\t2\n3\t4\n5\t6\t7\t8\n9\t10\n"), line: 4 },
    { fileName: "bytes.csv", type: csv, bytes: Buffer.concat([Buffer.from(`id,name\n${lines}`), Buffer.from([0x37, 0x2c, 0xff, 0xfe, 0xff, 0x0a])]), line: 52 },
    { fileName: "columns.csv", type: csv, bytes: Buffer.from(`${Array.from({ length: 5_000 }, (_, at) => `c${at}`).join(",")}\n`) },
    { fileName: "picture.csv", type: csv, bytes: Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000049454e44ae426082", "hex") },
    { fileName: "broken.json", type: json, bytes: Buffer.from('[{"name":"東京"},\n{"name":"大阪",}]'), line: 2 },
    { fileName: "cut.json", type: json, bytes: Buffer.from('[{"name":"東京"},\n{"name":"大'), line: 2 },
    { fileName: "deep.json", type: json, bytes: Buffer.from(`[{"name":1},\n{"name":${"[".repeat(100_000)}${"]".repeat(100_000)}}]`), line: 2 },
    { fileName: "bytes.json", type: json, bytes: Buffer.concat([Buffer.from(`[${'{"name":"東京都"},\n'.repeat(50)}{"name":"`), Buffer.from([0xff]), Buffer.from('"}]')]), line: 51 },
    { fileName: "broken.ndjson", type: ndjson, bytes: Buffer.from('{"name":1}\n{"name":01}\n'), line: 2 },
    { fileName: "broken.sql", type: sql, bytes: Buffer.from("CREATE TABLE t(a);\nINSERT INTO t VALUES (1, 2);\n"), line: 2 },
    { fileName: "cut.sql", type: sql, bytes: Buffer.from("CREATE TABLE t(a);\nINSERT INTO t VALUES ('x"), line: 2 },
    { fileName: "escape.sql", type: sql, bytes: Buffer.from("CREATE TABLE t(a);\nATTACH '/etc/passwd' AS p;\n"), line: 2 },
    { fileName: "cut.csv.gz", type: gzip, bytes: gzipSync(`id,name\n${lines}`).subarray(0, 100) },
    { fileName: "noise.csv.gz", type: gzip, bytes: overwrite(gzipSync(`id,name\n${lines}`), 60, Buffer.alloc(20, 0xa5)) },
    { fileName: "bomb.csv.gz", type: gzip, bytes: gzipSync(Buffer.alloc(70 * 1024 ** 2, `${"x".repeat(5_000)},1\n`)) },
    { fileName: "cut.zip", type: zip, bytes: zipSample({ "sound.csv": "a,b\n1,2\n" }).subarray(0, -10) },
    { fileName: "escape.zip", type: zip, bytes: zipSample({ "../../sound.csv": "a,b\n1,2\n" }) },
    { fileName: "noise.zip", type: zip, bytes: overwrite(zipSample({ "sound.csv": `id,name\n${lines}` }), 60, Buffer.from("overwritten")) },
    { fileName: "cut.parquet", type: parquet, bytes: parquetSample.subarray(0, -40) },
    { fileName: "noise.parquet", type: parquet, bytes: overwrite(parquetSample, parquetSample.length - 260, Buffer.alloc(120, 0xa5)) },
    { fileName: "page.parquet", type: parquet, bytes: overwrite(parquetSample, 4, Buffer.alloc(40, 0xff)) },
    { fileName: "lies.parquet", type: parquet, bytes: overwrite(parquetSample, parquetSample.length - 8, Buffer.from("ffffff7f", "hex")) },
    { fileName: "cut.xlsx", type: xlsx, bytes: workbookSample().subarray(0, -30) },
    { fileName: "broken.xlsx", type: xlsx, bytes: workbookSample("<row><c><v>1</c></row>") },
    { fileName: "text.xlsx", type: xlsx, bytes: workbookSample('<row><c t="s"><v>1</v></c></row>') },
    { fileName: "entity.xlsx", type: xlsx, bytes: workbookSample('<row><c t="str"><v>&a;</v></c></row>', '<!DOCTYPE a [<!ENTITY a "aaaaaaaa">]>') },
    { fileName: "locked.xlsx", type: xlsx, bytes: Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(2_000)]) },
    { fileName: "text.sqlite", type: sqlite, bytes: Buffer.from("a,b\n1,2\n") },
    { fileName: "noise.sqlite", type: sqlite, bytes: Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(8_000, 0xa5)]) },
    { fileName: "cut.sqlite", type: sqlite, bytes: database.subarray(0, Math.floor(database.length / 2)) },
    { fileName: "cut-in-page.sqlite", type: sqlite, bytes: database.subarray(0, database.length - 1_000) },
    { fileName: "page.sqlite", type: sqlite, bytes: overwrite(database, pageBytes * 3, Buffer.alloc(pageBytes, 0x5a)) },
    { fileName: "pages-swapped.sqlite", type: sqlite, bytes: overwrite(database, pageBytes * 4, database.subarray(pageBytes * 5, pageBytes * 6)) },
    { fileName: "schema.sqlite", type: sqlite, bytes: overwrite(database, database.indexOf("CREATE TABLE"), Buffer.from("CREATE TXBLE")) },
  ];
}

/** Rows to add to the sound CSV, each with one thing wrong in its second line. */
export const damagedRows: { name: string; body: string }[] = [
  { name: "cut", body: '{"name":"名古屋","note":"x"}\n{"name":' },
  { name: "broken", body: '[{"name":"名古屋","note":"x"},\n{"name":}]' },
  { name: "unknown column", body: '[{"name":"名古屋","note":"x"},\n{"nobody":1}]' },
];

function overwrite(bytes: Buffer, at: number, patch: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  patch.copy(copy, at);
  return copy;
}
