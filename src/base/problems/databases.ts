import { entries } from "./entry.ts";

/** Hosted databases and their versions. */
export const databaseProblems = entries({
  DATABASES_TOO_MANY: {
    status: 409,
    title: { en: "Too many databases", ja: "データベースが多すぎます" },
    detail: { en: "A team holds at most {max} databases. Delete some first.", ja: "チームごとに最大 {max} 個です。不要なデータベースを削除してください。" },
  },
  DATABASE_CHANGED: {
    status: 409,
    title: { en: "The database changed meanwhile", ja: "データベースが同時に変更されました" },
    detail: {
      en: "Another change was made first, and nothing of yours was stored. Send it again: it then builds on the newest version.",
      ja: "先に別の変更が行われたため、今回の変更は保存していません。もう一度送信すると、最新の版に対して適用されます。",
    },
  },
  DATABASE_WRITERS_TOO_MANY: {
    status: 429,
    title: { en: "Too many changes wait for this database", ja: "このデータベースへの変更が多すぎます" },
    detail: {
      en: "{waitingMax} changes wait for their turn already, and nothing of yours was stored. Send it again later, or send more rows at once.",
      ja: "すでに {waitingMax} 件の変更が順番を待っているため、今回の変更は保存していません。時間をおいて再送するか、1回に送る行数を増やしてください。",
    },
  },
  VERSION_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such version", ja: "その版はありません" },
    detail: { en: "The database has no version {version}. See its list of versions.", ja: "版 {version} はこのデータベースにありません。版の一覧を確認してください。" },
  },
  COMPARE_KEY_UNFIT: {
    status: 422,
    title: { en: "The rows cannot be told apart by this key", ja: "このキーでは行を区別できません" },
    detail: {
      en: "Each of the columns {key} must be in both versions of the table {table}, and no two rows of a version may have the same values in them. Choose other columns, or leave key out.",
      ja: "列 {key} は、テーブル {table} の両方の版にあり、1つの版の中で値の組み合わせが重複しない必要があります。別の列を指定するか、key を省いてください。",
    },
  },
  COMPARE_TABLE_MISSING: {
    status: 404,
    title: { en: "Neither version has that table", ja: "どちらの版にもそのテーブルはありません" },
    detail: { en: "There is no table {table} in the two versions. Leave table out to see all of them.", ja: "2つの版にテーブル {table} はありません。table を省くと、すべてのテーブルを比較します。" },
  },
  COMPARE_RESTRICTED: {
    status: 403,
    title: { en: "You see only some of this database's rows", ja: "このデータベースでは一部の行だけを表示できます" },
    detail: {
      en: "Rules hide some rows of this database from you, and a comparison of versions tells of all rows. Ask an administrator of the team.",
      ja: "ルールにより一部の行が表示されないため、すべての行を対象とする版の比較はできません。チームの管理者に依頼してください。",
    },
  },
  VERSION_REMOVED: {
    status: 410,
    title: { en: "That version was removed", ja: "その版は削除されました" },
    detail: {
      en: "Version {number} was removed on {date}, because this database keeps only some of its versions. A version that is to stay needs a label.",
      ja: "版 {number} は、版の保持ルールにより {date} に削除されました。残しておきたい版にはラベルを付けてください。",
    },
  },
  UPLOAD_MISSING: {
    status: 400,
    title: { en: "No file was sent", ja: "ファイルが送信されていません" },
    detail: {
      en: "Send the file's bytes as the body, or as the part named file of a multipart form.",
      ja: "ファイルの中身を本文として、または multipart フォームの file という名前のパートとして送信してください。",
    },
  },
  UPLOAD_CUT_SHORT: {
    status: 400,
    title: { en: "The upload was cut short", ja: "アップロードが途中で切れました" },
    detail: { en: "The connection ended before the whole file had arrived. Nothing was stored; send it again.", ja: "ファイル全体が届く前に接続が切れました。何も保存していません。もう一度送信してください。" },
  },
  UPLOAD_SEVERAL: {
    status: 400,
    title: { en: "Several files were sent at once", ja: "複数のファイルが送信されました" },
    detail: {
      en: "A form holds one file named file, or several that are all named files and become one database. Nothing was stored; send the files one by one, or name them so.",
      ja: "フォームで送れるのは file という名前のファイル1つか、1つのデータベースにまとめる files という名前の複数のファイルです。何も保存していません。1つずつ送信するか、名前を揃えてください。",
    },
  },
  UPLOAD_FILES_TOO_MANY: {
    status: 400,
    title: { en: "There are too many files for one database", ja: "ファイルが多すぎます" },
    detail: {
      en: "At most {filesMax} files become one database. Nothing was stored; send fewer, or a ZIP file.",
      ja: "1つのデータベースにまとめられるのは最大 {filesMax} ファイルです。何も保存していません。数を減らすか、ZIP ファイルで送信してください。",
    },
  },
  UPLOAD_MALFORMED: {
    status: 400,
    title: { en: "The form cannot be read", ja: "フォームを読み取れません" },
    detail: {
      en: "The multipart form is not well-formed: {reason}. Nothing was stored. Send the file's bytes as the body, or let your client write the form and its Content-Type.",
      ja: "multipart フォームの形式が正しくありません（{reason}）。何も保存していません。ファイルの中身を本文として送信するか、フォームと Content-Type の作成をクライアントに任せてください。",
    },
  },
  RANGE_INVALID: {
    status: 416,
    title: { en: "That range is outside the file", ja: "指定された範囲はファイルの外です" },
    detail: { en: "The file has {sizeBytes} bytes.", ja: "ファイルのサイズは {sizeBytes} バイトです。" },
  },
  ENGINE_UNAVAILABLE: {
    status: 422,
    title: { en: "That engine cannot answer here", ja: "このエンジンでは回答できません" },
    detail: { en: "{engine}: {reason}. Leave engine out, or use sqlite.", ja: "{engine}：{reasonJa}。engine を省くか、sqlite を指定してください。" },
  },
  COLUMNAR_NOT_READY: {
    status: 503,
    title: { en: "The columnar copy is being made", ja: "カラム形式のコピーを作成中です" },
    detail: {
      en: "DuckDB answers from a columnar copy of this version, which is still being made. Ask again in {seconds} seconds, or use sqlite meanwhile.",
      ja: "DuckDBはこのバージョンのカラム形式のコピーから回答しますが、コピーはまだ作成中です。{seconds}秒後にもう一度実行するか、それまでは sqlite を使ってください。",
    },
  },
  EXPORTS_TOO_MANY: {
    status: 429,
    title: { en: "Too many exports at once", ja: "同時に実行できるエクスポートの数を超えています" },
    detail: { en: "{max} exports of the team are under way. Try again when one of them has ended.", ja: "このチームではすでに {max} 件のエクスポートが進行中です。どれかが終わってから、もう一度お試しください。" },
  },
  EXPORT_TOO_LARGE: {
    status: 422,
    title: { en: "The export is too large", ja: "エクスポートが大きすぎます" },
    detail: {
      en: "An export has at most {bytesMax} bytes. Take fewer rows or columns with a query, or download the database itself.",
      ja: "エクスポートは最大 {bytesMax} バイトです。クエリで行や列を減らすか、データベース自体をダウンロードしてください。",
    },
  },
  EXPORT_NAMES_UNFIT: {
    status: 422,
    title: { en: "The names of the columns do not fit Parquet", ja: "列の名前がParquetで使えません" },
    detail: { en: "Two columns have one name there. Give them other names with a query: SELECT a AS first, A AS second.", ja: "Parquetでは同じ名前とみなされる列があります。クエリで別の名前を付けてください（例：SELECT a AS first, A AS second）。" },
  },
  PUBLIC_ROWS_HIDDEN: {
    status: 409,
    title: { en: "Rules hide rows of this database", ja: "行の閲覧ルールがあるデータベースです" },
    detail: {
      en: "It has rules on its rows, so not even everyone in the team sees all of it: it cannot be opened to everyone. Remove the rules, or publish a copy without the rows that they hide.",
      ja: "このデータベースには行の閲覧ルールがあり、チーム内でもすべてを閲覧できるとは限りません。そのため一般公開できません。ルールを削除するか、隠している行を除いたコピーを公開してください。",
    },
  },
  PUBLIC_RESTRICTED: {
    status: 409,
    title: { en: "This database is restricted", ja: "閲覧を制限しているデータベースです" },
    detail: {
      en: "Only some of the team see it, so it cannot be opened to everyone. Share it with the whole team first.",
      ja: "このデータベースはチームの一部のメンバーだけが閲覧できます。一般公開する前に、チーム全体と共有してください。",
    },
  },
  VERSION_CONTENTS_MISSING: {
    status: 409,
    title: { en: "The contents have not been uploaded yet", ja: "中身がまだアップロードされていません" },
    detail: {
      en: "This database was imported with its workspace. Upload its SQLite file with PUT contents.",
      ja: "このデータベースはワークスペースと一緒に取り込まれました。PUT contents で SQLite ファイルをアップロードしてください。",
    },
  },
  IMPORT_NOT_EMPTY: {
    status: 409,
    title: { en: "The team is not empty", ja: "チームが空ではありません" },
    detail: {
      en: "A workspace is imported into a team without databases, queries and reports. Make a new team and import there.",
      ja: "取り込み先は、データベース・クエリ・レポートのないチームに限られます。新しいチームを作成して取り込んでください。",
    },
  },
  IMPORT_INVALID: {
    status: 422,
    title: { en: "This is not an export of a workspace", ja: "ワークスペースのエクスポートではありません" },
    detail: { en: "{reason}. Send the file as GET export gave it.", ja: "{reason}。GET export で得たファイルをそのまま送信してください。" },
  },
  COLUMN_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such column", ja: "その列はありません" },
    detail: { en: "The table {table} has no column {column}. It has: {columns}.", ja: "テーブル {table} に列 {column} はありません。あるのは {columns} です。" },
  },
  DESCRIPTIONS_TOO_MANY: {
    status: 409,
    title: { en: "There are too many descriptions", ja: "説明の数が上限に達しています" },
    detail: { en: "A database has at most {max}. Remove some of tables that are gone.", ja: "1つのデータベースにつき最大 {max} 件です。もうないテーブルの説明を削除してください。" },
  },
  INDEX_NOTHING_ASKED: {
    status: 409,
    title: { en: "There is nothing to make faster yet", ja: "速くする対象がまだありません" },
    detail: {
      en: "In the last 30 days no question to this database took {slowMs} milliseconds or more. Ask some, then come again.",
      ja: "過去30日間に {slowMs} ミリ秒以上かかった問い合わせがありません。問い合わせを実行してから、もう一度お試しください。",
    },
  },
});
