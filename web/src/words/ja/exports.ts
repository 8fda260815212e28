import type { Words } from "../en.ts";

export const exports: Words["exports"] = {
  download: "ダウンロード",
  downloadTable: (table) => `${table} をダウンロード`,
  formats: { csv: "CSV", excelCsv: "CSV（Excel用）", tsv: "TSV", json: "JSON", ndjson: "JSON Lines", xlsx: "Excel", sqlite: "SQLite", parquet: "Parquet" },
  hints: { csv: "UTF-8", excelCsv: "BOM付きUTF-8", tsv: "タブ区切り", json: "1つの配列", ndjson: "1行に1件", xlsx: "ブック", sqlite: "データベース", parquet: "列指向" },
  whole: "閲覧できるすべての行",
  copy: "表計算ソフト用にコピー",
  copied: "コピーしました",
  preparing: "準備中…",
  arrived: (size) => `${size} 受信`,
  stop: "停止",
  stopped: "停止しました。ファイルは保存されていません。",
  tooLargeToCopy: (size) => `${size} を超える結果はコピーできません。ダウンロードしてください。`,
};
