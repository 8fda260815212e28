import { entries } from "./entry.ts";

/** Uploads of JSON, of SQL, and of packed files. */
export const formatProblems = entries({
  FILE_JSON_SYNTAX: {
    status: 422,
    title: { en: "The JSON is not well-formed", ja: "JSON の書き方に誤りがあります" },
    detail: {
      en: "Line {line}, column {column}: {found} stands where JSON does not have it (allowed here: {expected}). Mend it there, or export the file again; nothing was stored.",
      ja: "{line} 行目の {column} 文字目に、JSON として許されない {found} があります（ここに書けるもの：{expected}）。修正するか、元のソフトから出力し直してください。何も保存していません。",
    },
  },
  FILE_JSON_CUT: {
    status: 422,
    title: { en: "The JSON ends in the middle", ja: "JSON が途中で終わっています" },
    detail: {
      en: "The text ends at line {line}, inside what begins at line {startLine}. The file was probably not written or copied whole: send it again.",
      ja: "{startLine} 行目から始まる部分が閉じられないまま、{line} 行目で終わっています。書き出しかコピーが途中で止まった可能性があります。もう一度送信してください。",
    },
  },
  FILE_JSON_DEPTH: {
    status: 422,
    title: { en: "The JSON is nested too deeply", ja: "JSON の入れ子が深すぎます" },
    detail: {
      en: "At line {line}, column {column}, lists and objects stand more than {depthMax} deep in each other. Flatten the data before you send it.",
      ja: "{line} 行目の {column} 文字目で、入れ子が {depthMax} 段を超えています。入れ子を減らしてから送信してください。",
    },
  },
  FILE_JSON_NO_ROWS: {
    status: 422,
    title: { en: "There are no rows in this JSON", ja: "JSON に行がありません" },
    detail: {
      en: 'A table is a list of objects, as in [{"city": "Tokyo"}], such a list inside an object, or an object a line (NDJSON). There is no list with rows in the file.',
      ja: '表として読み取れるのは、[{"city": "Tokyo"}] のようなオブジェクトの配列、それを含むオブジェクト、または1行に1オブジェクトの NDJSON です。このファイルには行のある配列がありません。',
    },
  },
  FILE_PACKED_DAMAGED: {
    status: 422,
    title: { en: "The packed file is damaged", ja: "圧縮ファイルが壊れています" },
    detail: {
      en: "The {format} file cannot be unpacked: {reason}. Pack it again, or send what is in it.",
      ja: "{format} ファイルを展開できません（{reason}）。圧縮し直すか、中のファイルを送信してください。",
    },
  },
  FILE_PACKED_NESTED: {
    status: 422,
    title: { en: "A packed file is inside a packed file", ja: "圧縮ファイルの中に圧縮ファイルがあります" },
    detail: {
      en: "{name} is {inner} inside {outer}. A packed file is read inside a ZIP file (data.csv.gz in a ZIP), and nothing deeper. Unpack the outer one and send what is in it.",
      ja: "{name} は {outer} の中の {inner} です。読み取れるのは ZIP の中の gzip や Zstandard（data.csv.gz など）までです。外側を展開してから送信してください。",
    },
  },
  FILE_UNPACKED_RATIO: {
    status: 422,
    title: { en: "The packed file unpacks to far too much", ja: "圧縮ファイルの展開後のサイズが異常です" },
    detail: {
      en: "What is in it is more than {timesMax} times as large as the file, as data hardly ever is. If it is what you want, unpack it and send it as it is.",
      ja: "展開するとファイルの {timesMax} 倍を超え、データとしては考えにくい圧縮率です。必要なデータであれば、展開してから送信してください。",
    },
  },
  FILE_UNPACKED_TOO_LARGE: {
    status: 413,
    title: { en: "What is in the packed file is too large", ja: "展開後のサイズが大きすぎます" },
    detail: {
      en: "Unpacked, at most {bytesMax} bytes are taken. Split the data, or leave out what is not needed.",
      ja: "展開後のサイズは最大 {bytesMax} バイトです。分割するか、不要なデータを除いてください。",
    },
  },
  FILE_ZIP_ENTRIES: {
    status: 422,
    title: { en: "There are too many files in the ZIP file", ja: "ZIP の中のファイルが多すぎます" },
    detail: {
      en: "There are {entries} files and folders in it; at most {entriesMax} are taken. Leave out what is no data, or send several ZIP files.",
      ja: "ファイルとフォルダーが {entries} 個ありますが、最大 {entriesMax} 個です。データ以外を除くか、複数の ZIP に分けてください。",
    },
  },
  FILE_ZIP_NAME: {
    status: 422,
    title: { en: "A name in the ZIP file leads out of it", ja: "ZIP の中に不正なファイル名があります" },
    detail: {
      en: 'The file {name} has a name that leads elsewhere (".." or a whole path). Nothing of the ZIP file was read; pack it again with an ordinary program.',
      ja: "{name} は、ZIP の外を指す名前（「..」や絶対パス）です。中身は読み取っていません。一般的なソフトで圧縮し直してください。",
    },
  },
  FILE_ZIP_ENCRYPTED: {
    status: 422,
    title: { en: "The ZIP file is encrypted", ja: "ZIP が暗号化されています" },
    detail: {
      en: "{name} can only be read with a password. Pack it again without one; the upload itself is encrypted on its way and when it is stored.",
      ja: "{name} の読み取りにはパスワードが必要です。パスワードなしで圧縮し直してください。通信中も保存時も、データは暗号化されます。",
    },
  },
  FILE_ZIP_METHOD: {
    status: 422,
    title: { en: "The ZIP file is packed in a way that is not read here", ja: "ZIP の圧縮方式に対応していません" },
    detail: {
      en: "{name} is packed with {method}. Deflate, Zstandard and no compression are read: pack it again with an ordinary program.",
      ja: "{name} の圧縮方式 {method} には対応していません。Deflate、Zstandard、無圧縮のいずれかで圧縮し直してください。",
    },
  },
  FILE_ZIP_NO_TABLES: {
    status: 422,
    title: { en: "There is no data in the ZIP file", ja: "ZIP の中にデータがありません" },
    detail: {
      en: "None of the files in it is of a kind that is read here: {names}. Put CSV, TSV, JSON or NDJSON files or a SQLite database into it.",
      ja: "読み取れる形式のファイルがありません（{names}）。CSV、TSV、JSON、NDJSON、または SQLite データベースを入れてください。",
    },
  },
  FILE_ZIP_DATABASES: {
    status: 422,
    title: { en: "There are databases in the ZIP file that cannot become one", ja: "1つにまとめられないデータベースがあります" },
    detail: {
      en: "One SQLite database with UTF-8 text can be in a ZIP file beside others. Send these on their own: {names}.",
      ja: "ほかのファイルと一緒に ZIP に入れられる SQLite データベースは1つだけで、文字コードは UTF-8 に限ります。次のものは個別に送信してください：{names}。",
    },
  },
  FILE_SQL_DIALECT: {
    status: 415,
    title: { en: "The SQL is that of another system", ja: "ほかのデータベースの SQL です" },
    detail: {
      en: "The file is a dump of {dialect}, whose SQL SQLite does not take. Export the tables as CSV or JSON, or convert the dump to SQLite first; dumps made by sqlite3's .dump are read.",
      ja: "{dialect} のダンプのようです。この SQL は SQLite では実行できません。テーブルを CSV か JSON で出力するか、SQLite 用に変換してから送信してください。sqlite3 の .dump で作ったものは読み取れます。",
    },
  },
  FILE_SQL_REFUSED: {
    status: 422,
    title: { en: "A statement of the SQL cannot be run", ja: "実行できない SQL 文があります" },
    detail: {
      en: "The statement at line {line} ({statement}) was refused: {reason}. A dump may make, fill and change tables, indexes, views and triggers, and nothing else. Nothing was stored.",
      ja: "{line} 行目の SQL 文（{statement}）を実行できません（{reason}）。ダンプで使えるのは、テーブル、インデックス、ビュー、トリガーの作成と変更、データの追加だけです。何も保存していません。",
    },
  },
  FILE_SQL_QUOTE_OPEN: {
    status: 422,
    title: { en: "A quotation mark in the SQL is never closed", ja: "SQL の引用符が閉じられていません" },
    detail: {
      en: "The text or name that begins at line {line}, column {column} has no end. The dump was probably not written or copied whole: send it again.",
      ja: "{line} 行目の {column} 文字目から始まる文字列か名前が閉じられていません。書き出しかコピーが途中で止まった可能性があります。もう一度送信してください。",
    },
  },
});
