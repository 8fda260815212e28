import { entries } from "./entry.ts";

/** SQL and its limits, and the sandboxed work that goes with it. */
export const queryProblems = entries({
  QUERY_INVALID: {
    status: 400,
    title: { en: "The SQL is not valid", ja: "SQLが正しくありません" },
    detail: {
      en: "{engine} says: {message}. Correct the query and run it again.",
      ja: "{engine}のメッセージ：{message}。クエリを修正して、もう一度実行してください。",
    },
  },
  QUERY_EMPTY: {
    status: 400,
    title: { en: "There is no query", ja: "クエリがありません" },
    detail: { en: "Write a SELECT statement.", ja: "SELECT文を入力してください。" },
  },
  QUERY_TOO_LONG: {
    status: 400,
    title: { en: "The SQL is too long", ja: "SQLが長すぎます" },
    detail: {
      en: "A query has at most {charactersMax} characters. Give long lists as a parameter, for example as JSON with json_each(:list).",
      ja: "クエリは最大 {charactersMax} 文字です。長いリストは json_each(:list) のように、JSONのパラメーターで渡してください。",
    },
  },
  QUERY_SEVERAL_STATEMENTS: {
    status: 400,
    title: { en: "One statement at a time", ja: "実行できるのは1文だけです" },
    detail: {
      en: "A second statement begins at line {line}, column {column}. Run the statements one by one.",
      ja: "{line}行目の{column}文字目から2つ目の文が始まっています。1文ずつ実行してください。",
    },
  },
  QUERY_NOT_READING: {
    status: 400,
    title: { en: "Queries only read", ja: "クエリでできるのは読み取りだけです" },
    detail: {
      en: "{statement} would change something or is not a query. Start with SELECT, WITH or VALUES; change data by uploading a new version.",
      ja: "{statement} は読み取りのための文ではありません。SELECT、WITH、VALUES のいずれかで始めてください。データの変更は新しいバージョンのアップロードで行います。",
    },
  },
  QUERY_DENIED: {
    status: 403,
    title: { en: "The query uses something that is not allowed", ja: "許可されていない機能が使われています" },
    detail: {
      en: "{what} cannot be used in queries. Remove it and run the query again.",
      ja: "{what} はクエリでは使えません。取り除いて、もう一度実行してください。",
    },
  },
  QUERY_PARAMETER_MISSING: {
    status: 400,
    title: { en: "A parameter has no value", ja: "値のないパラメーターがあります" },
    detail: {
      en: "The query uses {parameter}, but no value was given for it.",
      ja: "クエリで使われている {parameter} の値がありません。値を指定してください。",
    },
  },
  QUERY_PARAMETER_UNKNOWN: {
    status: 400,
    title: { en: "The query has no such parameter", ja: "クエリにないパラメーターが指定されています" },
    detail: {
      en: 'A value was given for "{parameter}", which the query does not use. Remove it, or write :{parameter} in the query.',
      ja: "「{parameter}」の値が指定されましたが、クエリでは使われていません。指定を取り除くか、クエリに :{parameter} と書いてください。",
    },
  },
  QUERY_PARAMETER_INVALID: {
    status: 400,
    title: { en: "A parameter's value cannot be used", ja: "パラメーターの値が使えません" },
    detail: {
      en: 'The value of "{parameter}" must be a text, a number, true, false, null or {"base64": "..."}.',
      ja: '「{parameter}」には、文字列、数値、true、false、null、{"base64": "..."} のいずれかを指定してください。',
    },
  },
  QUERY_TIMEOUT: {
    status: 422,
    title: { en: "The query took too long", ja: "クエリが時間内に終わりませんでした" },
    detail: {
      en: "It was stopped after {seconds} seconds. Read fewer rows, or add an index to the database that you upload.",
      ja: "{seconds} 秒で停止しました。対象の行を減らすか、アップロードするデータベースにインデックスを追加してください。",
    },
  },
  QUERY_MEMORY: {
    status: 422,
    title: { en: "The query needs too much memory", ja: "クエリに必要なメモリーが上限を超えました" },
    detail: {
      en: "It was stopped at the limit. Group or filter earlier, or select fewer and shorter values.",
      ja: "上限に達したため停止しました。早い段階で集計や絞り込みを行うか、取り出す値を減らしてください。",
    },
  },
  QUERY_CANCELLED: {
    status: 499,
    title: { en: "The query was cancelled", ja: "クエリはキャンセルされました" },
    detail: {
      en: "The one who asked went away before the answer was complete. Run it again to see the result.",
      ja: "結果を受け取る前に接続が切れたか、キャンセルされました。結果が必要な場合はもう一度実行してください。",
    },
  },
  QUERY_FAILED: {
    status: 422,
    title: { en: "The query could not be finished", ja: "クエリを完了できませんでした" },
    detail: {
      en: "The process that ran it stopped unexpectedly and was replaced. Try again; if it fails again, the query or the file is the reason.",
      ja: "実行していたプロセスが予期せず終了したため、入れ替えました。もう一度お試しください。繰り返す場合は、クエリかファイルに原因があります。",
    },
  },
  QUERY_QUEUE_FULL: {
    status: 503,
    title: { en: "Too many queries are waiting", ja: "実行待ちのクエリが多すぎます" },
    detail: { en: "Try again in {seconds} seconds.", ja: "{seconds} 秒後にもう一度お試しください。" },
  },
  QUERY_TEAM_FULL: {
    status: 429,
    title: { en: "Your team has too many queries waiting", ja: "チームの実行待ちのクエリが多すぎます" },
    detail: {
      en: "{max} of your team's queries are waiting already, which is the limit. Try again in {seconds} seconds, or send fewer at once.",
      ja: "チームの実行待ちのクエリが上限の {max} 件に達しています。{seconds} 秒後にもう一度お試しいただくか、同時に送る数を減らしてください。",
    },
  },
  QUERY_FILE_DAMAGED: {
    status: 422,
    title: { en: "The database file is damaged", ja: "データベースファイルが壊れています" },
    detail: {
      en: "SQLite says: {message}. Upload a version of the file that passes PRAGMA integrity_check.",
      ja: "SQLiteのメッセージ：{message}。PRAGMA integrity_check で問題のないファイルをアップロードしてください。",
    },
  },
  WORK_TIMEOUT: {
    status: 422,
    title: { en: "This took too long", ja: "時間内に終わりませんでした" },
    detail: {
      en: "It was stopped after {seconds} seconds. Try again with less.",
      ja: "{seconds} 秒で停止しました。量を減らしてもう一度お試しください。",
    },
  },
  WORK_MEMORY: {
    status: 422,
    title: { en: "This needs too much memory", ja: "必要なメモリーが上限を超えました" },
    detail: { en: "It was stopped at the limit. Try again with less.", ja: "上限に達したため停止しました。量を減らしてもう一度お試しください。" },
  },
  WORK_CANCELLED: {
    status: 499,
    title: { en: "This was cancelled", ja: "キャンセルされました" },
    detail: { en: "Start it again if it is still wanted.", ja: "必要な場合は、もう一度実行してください。" },
  },
  WORK_FAILED: {
    status: 422,
    title: { en: "This could not be finished", ja: "処理を完了できませんでした" },
    detail: {
      en: "The process that did it stopped unexpectedly and was replaced. Try again; if it fails again, what was sent is the reason.",
      ja: "処理していたプロセスが予期せず終了したため、入れ替えました。もう一度お試しください。繰り返す場合は、送信した内容に原因があります。",
    },
  },
  WORK_QUEUE_FULL: {
    status: 503,
    title: { en: "Too much work is waiting", ja: "処理待ちが多すぎます" },
    detail: { en: "Try again in {seconds} seconds.", ja: "{seconds} 秒後にもう一度お試しください。" },
  },
  WORK_TEAM_FULL: {
    status: 429,
    title: { en: "Your team has too much work waiting", ja: "チームの処理待ちが多すぎます" },
    detail: {
      en: "{max} of your team's tasks are waiting already, which is the limit. Try again in {seconds} seconds, or send fewer at once.",
      ja: "チームの処理待ちが上限の {max} 件に達しています。{seconds} 秒後にもう一度お試しいただくか、同時に送る数を減らしてください。",
    },
  },
});
