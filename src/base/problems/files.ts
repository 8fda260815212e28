import { entries } from "./entry.ts";

/** Uploads and imports. */
export const fileProblems = entries({
  FILE_EMPTY: {
    status: 422,
    title: { en: "There is nothing in this file", ja: "ファイルにデータがありません" },
    detail: {
      en: "The file has no bytes or no text in it. Check that the right file was chosen and that it was saved before it was sent.",
      ja: "ファイルが0バイトか、内容が空です。ファイルの選択と、保存してから送信したかどうかを確認してください。",
    },
  },
  FILE_WITHOUT_TABLES: {
    status: 422,
    title: { en: "There is no table in this database", ja: "データベースにテーブルがありません" },
    detail: {
      en: "The file is a SQLite database without any table. If its tables were written a moment ago, close the program that writes them, or checkpoint its write-ahead log, and send the file again.",
      ja: "SQLite データベースですが、テーブルが1つもありません。書き込み中のアプリがある場合は、終了するか WAL をチェックポイントしてから、もう一度送信してください。",
    },
  },
  FILE_FORMAT_UNSUPPORTED: {
    status: 415,
    title: { en: "This kind of file cannot be imported", ja: "この形式のファイルは取り込めません" },
    detail: {
      en: "The content looks like {looksLike}. Send CSV, TSV, JSON, NDJSON, Parquet or Excel (.xlsx), a SQLite database or its SQL dump, as it is or packed with ZIP, gzip or Zstandard.",
      ja: "内容は {looksLike} のようです。CSV、TSV、JSON、NDJSON、Parquet、Excel（.xlsx）、SQLite データベースかその SQL ダンプを、そのまま、または ZIP、gzip、Zstandard で圧縮して送信してください。",
    },
  },
  FILE_EXTENSION_WRONG: {
    status: 415,
    title: { en: "The file is not what its name says", ja: "ファイルの内容が拡張子と一致しません" },
    detail: {
      en: "The name ends in .{extension}, and the content is {found}. Choose the right file, or rename it if the content is what you want; nothing was stored.",
      ja: "拡張子は .{extension} ですが、内容は {found} です。正しいファイルを選ぶか、この内容でよければ名前を変更してください。何も保存していません。",
    },
  },
  FILE_NAME_INVALID: {
    status: 422,
    title: { en: "The file's name is not accepted", ja: "ファイル名を受け付けられません" },
    detail: {
      en: 'The name leads out of its folder ("..", as in a path). Send the name alone; nothing was stored.',
      ja: "ファイル名に、上のフォルダーを指す「..」が含まれています。ファイル名だけを送信してください。何も保存していません。",
    },
  },
  FILE_TOO_LARGE: {
    status: 413,
    title: { en: "The file is too large", ja: "ファイルが大きすぎます" },
    detail: {
      en: "At most {bytesMax} bytes are taken. Split the file, or leave out what is not needed.",
      ja: "取り込めるのは最大 {bytesMax} バイトです。ファイルを分割するか、不要なデータを除いてください。",
    },
  },
  FILE_BINARY: {
    status: 422,
    title: { en: "There is binary content in this text file", ja: "テキストファイルにバイナリデータが含まれています" },
    detail: {
      en: "Line {line} holds a NUL or another control byte that text never has. The file may be damaged, or not a CSV file at all. Export it again from its source.",
      ja: "{line} 行目に、テキストには現れない NUL などの制御バイトがあります。ファイルが壊れているか、CSV ではない可能性があります。元のソフトから出力し直してください。",
    },
  },
  FILE_ENCODING: {
    status: 422,
    title: { en: "A character cannot be read", ja: "読み取れない文字があります" },
    detail: {
      en: "Line {line}, column {column}: the bytes {bytes} are not valid {encoding}, as which the rest of the file reads. Save the file as UTF-8 and send it again.",
      ja: "{line} 行目の {column} 文字目にあるバイト列 {bytes} は、ファイル全体の文字コードと判断した {encoding} として読み取れません。UTF-8 で保存し直してから送信してください。",
    },
  },
  FILE_ENCODING_UNKNOWN: {
    status: 422,
    title: { en: "The character encoding is not known", ja: "文字コードを判別できません" },
    detail: {
      en: "From line {line} on, the text is not UTF-8, UTF-16, Shift_JIS, EUC-JP or clearly Windows-1252. Save the file as UTF-8 and send it again.",
      ja: "{line} 行目以降が UTF-8、UTF-16、Shift_JIS、EUC-JP のいずれでもなく、Windows-1252 とも判断できません。UTF-8 で保存し直してから送信してください。",
    },
  },
  FILE_QUOTE_OPEN: {
    status: 422,
    title: { en: "A quotation mark is never closed", ja: "引用符が閉じられていません" },
    detail: {
      en: "The cell that starts with a quotation mark in line {line}, column {column} has no closing one. Close it, or write a quotation mark inside a cell twice.",
      ja: "{line} 行目の {column} 文字目で始まる引用符（\"）が閉じられていません。引用符を閉じてください。セルの中の引用符は2つ重ねて書きます。",
    },
  },
  FILE_ROW_WIDTH: {
    status: 422,
    title: { en: "A row has too many cells", ja: "セルの数が多すぎる行があります" },
    detail: {
      en: "The row at line {line} has {cells} cells, but the table has {columns} columns. Put cells that contain the delimiter ({delimiter}) in quotation marks, and remove lines above the header.",
      ja: "{line} 行目には {cells} 個のセルがありますが、列は {columns} 個です。区切り文字（{delimiter}）を含むセルは引用符で囲み、見出し行より上の余分な行は削除してください。",
    },
  },
  FILE_COLUMNS_TOO_MANY: {
    status: 422,
    title: { en: "There are too many columns", ja: "列が多すぎます" },
    detail: {
      en: "There are {columns} columns; a table has at most {columnsMax}. Leave out columns, or turn them into rows.",
      ja: "{columns} 列ありますが、テーブルの列は最大 {columnsMax} 列です。列を減らすか、縦持ちのデータに変換してください。",
    },
  },
  FILE_ROWS_TOO_MANY: {
    status: 422,
    title: { en: "There are too many rows", ja: "行が多すぎます" },
    detail: { en: "At most {rowsMax} rows are taken. Split the file.", ja: "取り込めるのは最大 {rowsMax} 行です。ファイルを分割してください。" },
  },
  FILE_TABLES_TOO_MANY: {
    status: 422,
    title: { en: "There are too many tables", ja: "テーブルが多すぎます" },
    detail: {
      en: "The database has {tables} tables; at most {tablesMax} are taken. Drop those that are not needed, or split the database.",
      ja: "テーブルが {tables} 個ありますが、最大 {tablesMax} 個です。不要なテーブルを削除するか、データベースを分割してください。",
    },
  },
  FILE_LINE_TOO_LONG: {
    status: 422,
    title: { en: "A line is too long", ja: "行が長すぎます" },
    detail: {
      en: "The row at line {line} is longer than {bytesMax} bytes. Check that the file has line breaks.",
      ja: "{line} 行目から始まる行が {bytesMax} バイトを超えています。ファイルに改行があるか確認してください。",
    },
  },
  FILE_FIELD_TOO_LONG: {
    status: 422,
    title: { en: "A cell is too long", ja: "セルが長すぎます" },
    detail: {
      en: "Cell {cell} of the row at line {line} is longer than {bytesMax} bytes. Shorten it, or leave that column out.",
      ja: "{line} 行目の {cell} 番目のセルが {bytesMax} バイトを超えています。内容を短くするか、その列を除いてください。",
    },
  },
  FILE_DAMAGED: {
    status: 422,
    title: { en: "The database file is damaged", ja: "データベースファイルが壊れています" },
    detail: {
      en: "The SQLite database was refused: {reason}. Repair it with the sqlite3 command's .recover, or send an intact copy.",
      ja: "SQLite データベースを取り込めません（{reason}）。sqlite3 コマンドの .recover で修復するか、正常なコピーを送信してください。",
    },
  },
  FILE_UNREADABLE: {
    status: 422,
    title: { en: "The file cannot be read", ja: "ファイルを読み取れません" },
    detail: {
      en: "The {format} file was refused: {reason}. Write it again with the program that it comes from, or send an intact copy; nothing was stored.",
      ja: "{format} ファイルを取り込めません（{reason}）。作成元のソフトで出力し直すか、正常なコピーを送信してください。何も保存していません。",
    },
  },
  FILE_SHEETS_EMPTY: {
    status: 422,
    title: { en: "There are no cells in this workbook", ja: "ブックにデータがありません" },
    detail: {
      en: "No visible sheet has a cell with a value ({names}). Show the sheets that are hidden if they are to be read, save the workbook and send it again.",
      ja: "値のあるセルを含む表示シートがありません（{names}）。非表示のシートを取り込む場合は、再表示して保存してから送信してください。",
    },
  },
  FILE_ENCRYPTED: {
    status: 422,
    title: { en: "The workbook is locked by a password", ja: "ブックがパスワードで保護されています" },
    detail: {
      en: "Its contents are encrypted and cannot be read here. Open it in Excel, take the password away (File, Info, Protect Workbook), save it and send it again.",
      ja: "内容が暗号化されているため読み取れません。Excel で開き、パスワードを解除（［ファイル］→［情報］→［ブックの保護］）して保存してから、もう一度送信してください。",
    },
  },
  FILE_EXCEL_OLD: {
    status: 415,
    title: { en: "Old Excel files cannot be imported", ja: "古い Excel 形式は取り込めません" },
    detail: {
      en: "This is an Excel 97-2003 file (.xls). Open it in Excel, save it as an Excel Workbook (.xlsx), and send that.",
      ja: "Excel 97-2003 形式（.xls）のファイルです。Excel で開き、「Excel ブック（.xlsx）」として保存してから送信してください。",
    },
  },
  FILE_SCHEMA_REFUSED: {
    status: 422,
    title: { en: "The database's schema is refused", ja: "データベースのスキーマを受け付けられません" },
    detail: {
      en: "{object} cannot be read here: {reason}. Drop it and send the database again.",
      ja: "{object} は読み取れません（{reason}）。削除してから、もう一度送信してください。",
    },
  },
  TABLE_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such table", ja: "そのテーブルはありません" },
    detail: { en: "The database has no table {table}. It has: {tables}.", ja: "テーブル {table} はデータベースにありません。あるのは {tables} です。" },
  },
  ROWS_EMPTY: {
    status: 422,
    title: { en: "There are no rows to add", ja: "追加する行がありません" },
    detail: {
      en: "Send a JSON array of rows, or one row a line (NDJSON). A row is an object or an array of values.",
      ja: "行の JSON 配列か、1行に1件の NDJSON を送信してください。各行はオブジェクトか値の配列です。",
    },
  },
  ROWS_SYNTAX: {
    status: 422,
    title: { en: "The rows are not valid JSON", ja: "行の JSON が正しくありません" },
    detail: {
      en: "Row {item} (line {line}): {reason}. Nothing was added.",
      ja: "{item} 件目（{line} 行目）を読み取れません：{reason}。行は追加されていません。",
    },
  },
  ROWS_COLUMN_UNKNOWN: {
    status: 422,
    title: { en: "A row names a column that is not there", ja: "存在しない列が指定されています" },
    detail: {
      en: "Row {item} (line {line}) has a value for {name}, but the table {table} has only: {columns}. Nothing was added.",
      ja: "{item} 件目（{line} 行目）に列「{name}」の値がありますが、テーブル {table} の列は {columns} だけです。行は追加されていません。",
    },
  },
  ROWS_COLUMN_TWICE: {
    status: 422,
    title: { en: "A row names a column twice", ja: "同じ列が重複して指定されています" },
    detail: {
      en: "Row {item} (line {line}) has two values for {name}; letters' case makes no difference in names. Nothing was added.",
      ja: "{item} 件目（{line} 行目）に列「{name}」の値が2つあります。列名の大文字と小文字は区別されません。行は追加されていません。",
    },
  },
  ROWS_WIDTH: {
    status: 422,
    title: { en: "A row has the wrong number of values", ja: "値の数が合わない行があります" },
    detail: {
      en: "Row {item} (line {line}) has {cells} values, but the table has {columns} columns. Give one value a column, or send objects. Nothing was added.",
      ja: "{item} 件目（{line} 行目）の値は {cells} 個ですが、テーブルの列は {columns} 個です。列ごとに値を1つ指定するか、オブジェクトで送信してください。行は追加されていません。",
    },
  },
  ROWS_NUMBER_NEEDED: {
    status: 422,
    title: { en: "A value is not the number its column needs", ja: "数値の列に数値でない値があります" },
    detail: {
      en: "Row {item} (line {line}): the column {name} is {type}, and {value} does not fit it. Send a number or null. Nothing was added.",
      ja: "{item} 件目（{line} 行目）：列「{name}」は {type} 型のため、{value} は追加できません。数値か null を指定してください。行は追加されていません。",
    },
  },
  ROWS_KEY_NEEDED: {
    status: 422,
    title: { en: "The key is missing", ja: "キーが指定されていません" },
    detail: {
      en: "mode=upsert needs the columns by which rows are found, as key=a,b. Where a name has a comma, as a JSON array. Nothing was added.",
      ja: "mode=upsert では、行を特定する列を key=a,b の形で指定してください。列名にコンマが含まれる場合は JSON 配列で指定します。行は追加されていません。",
    },
  },
  ROWS_KEY_UNKNOWN: {
    status: 422,
    title: { en: "The key names a column that is not there", ja: "キーに存在しない列が指定されています" },
    detail: {
      en: "The key names {name}, but the table {table} has only: {columns}. Nothing was added.",
      ja: "キーに列「{name}」が指定されていますが、テーブル {table} の列は {columns} だけです。行は追加されていません。",
    },
  },
  ROWS_KEY_MISSING: {
    status: 422,
    title: { en: "A row has no value for the key", ja: "キーの値がない行があります" },
    detail: {
      en: "Row {item} (line {line}) has no value for {name}, which is part of the key. Nothing was added.",
      ja: "{item} 件目（{line} 行目）に、キーの列「{name}」の値がありません。行は追加されていません。",
    },
  },
  ROWS_KEY_AMBIGUOUS: {
    status: 422,
    title: { en: "Several rows have the same key", ja: "同じキーの行が複数あります" },
    detail: {
      en: "Row {item} (line {line}): the table {table} has several rows with these values of {key}, so it is not clear which to change. Choose columns that tell rows apart. Nothing was added.",
      ja: "{item} 件目（{line} 行目）：テーブル {table} には {key} の値が同じ行が複数あり、どれを変更するか決められません。行を区別できる列を指定してください。行は追加されていません。",
    },
  },
  ROWS_KEY_UNFIT: {
    status: 422,
    title: { en: "The rows of this table cannot be changed by a key", ja: "このテーブルの行はキーで変更できません" },
    detail: {
      en: "The table {table} has no row numbers (WITHOUT ROWID). Append to it, or replace the contents. Nothing was added.",
      ja: "テーブル {table} には行番号がありません（WITHOUT ROWID）。行を追加するか、内容を置き換えてください。行は追加されていません。",
    },
  },
  ROWS_VALUE_REFUSED: {
    status: 422,
    title: { en: "A row does not fit the table", ja: "テーブルに追加できない行があります" },
    detail: {
      en: "Row {item} (line {line}): {reason}. Nothing was added.",
      ja: "{item} 件目（{line} 行目）を追加できません：{reason}。行は追加されていません。",
    },
  },
});
