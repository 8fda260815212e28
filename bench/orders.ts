import { Readable } from "node:stream";
import { DatabaseSync } from "node:sqlite";

/*
 * Orders of a shop: six columns and the id, about 100 bytes a row, the same every time.
 */

const prefectures = ["北海道", "青森県", "東京都", "神奈川県", "大阪府", "京都府", "福岡県", "沖縄県"];
const products = ["ノートパソコン 14型", "Wireless headphones", "コーヒー豆 200g", '"Desk lamp, black"', "登山用リュックサック 40L", "Notebook A5"];
const chunkCharacters = 256 * 1024;
export const ordersHeader = "id,ordered_at,prefecture,product,quantity,amount,customer\n";

/** The CSV text in pieces, until there are `rows` of them or `bytes` are reached. */
export function* ordersCsv({ rows = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY }: { rows?: number; bytes?: number }): Generator<Buffer> {
  let seed = 12_345;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8;
  let text = ordersHeader;
  let made = 0;
  for (let i = 1; i <= rows && made < bytes; i++) {
    const at = timeOf(i);
    text += `${i},${at},${prefectures[next() % 8]},${products[next() % 6]},${(next() % 20) + 1},${(next() % 1_000_000) / 100},customer-${String(next() % 100_000).padStart(6, "0")}@example.com\n`;
    if (text.length < chunkCharacters) continue;
    const piece = Buffer.from(text);
    made += piece.length;
    text = "";
    yield piece;
  }
  if (text !== "") yield Buffer.from(text);
}

// One a minute from 2020 on; making a Date for each row would be most of the work.
let day = { number: -1, text: "" };
function timeOf(i: number): string {
  const number = Math.floor(i / 1440);
  if (day.number !== number) day = { number, text: new Date(Date.UTC(2020, 0, 1 + number)).toISOString().slice(0, 10) };
  const minute = i % 1440;
  return `${day.text} ${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:00`;
}

export function ordersStream(size: { rows?: number; bytes?: number }): Readable {
  return Readable.from(ordersCsv(size), { objectMode: false, highWaterMark: 1024 ** 2 });
}

/** The same orders as NDJSON, or as one list. */
export function* ordersJson({ rows, layout }: { rows: number; layout: "lines" | "list" }): Generator<Buffer> {
  let seed = 12_345;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8;
  let text = layout === "list" ? "[" : "";
  for (let i = 1; i <= rows; i++) {
    const order = {
      id: i, ordered_at: timeOf(i), prefecture: prefectures[next() % 8], product: products[next() % 6], quantity: (next() % 20) + 1, amount: (next() % 1_000_000) / 100,
      customer: `customer-${String(next() % 100_000).padStart(6, "0")}@example.com`,
    };
    text += `${layout === "list" && i > 1 ? "," : ""}${JSON.stringify(order)}${layout === "lines" ? "\n" : ""}`;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(layout === "list" ? `${text}]` : text);
}

/** A SQLite file with the same kind of rows and an index, for the queries. */
export function makeOrdersDatabase(path: string, rows: number): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, ordered_at TEXT, prefecture TEXT, product TEXT, quantity INTEGER, amount REAL, customer TEXT, code INTEGER, note TEXT, paid INTEGER)");
  const insert = database.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  let seed = 12_345;
  const next = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8;
  for (let i = 1; i <= rows; i++) {
    const customer = `customer-${String(next() % 100_000).padStart(6, "0")}@example.com`;
    insert.run(i, timeOf(i), prefectures[next() % 8]!, products[next() % 6]!, (next() % 20) + 1, (next() % 1_000_000) / 100, customer, i % 1_000_003, `note ${next() % 1000}`, i % 2);
  }
  database.exec("COMMIT; CREATE INDEX orders_code ON orders (code)");
  database.close();
}
