import { entries } from "./entry.ts";

/** What any request can meet. */
export const generalProblems = entries({
  NOT_FOUND: {
    status: 404,
    title: { en: "Not found", ja: "見つかりません" },
    detail: {
      en: "There is nothing here that you may see. Check the address, or sign in as someone who may.",
      ja: "閲覧できるものがここにはありません。URLを確認するか、権限のあるアカウントでサインインしてください。",
    },
  },
  REQUEST_INVALID: {
    status: 400,
    title: { en: "The request is not valid", ja: "リクエストが正しくありません" },
    detail: { en: "{reason}", ja: "リクエストの内容を確認してください：{reasonJa}" },
  },
  INTERNAL: {
    status: 500,
    title: { en: "Something went wrong on our side", ja: "サーバー側で問題が発生しました" },
    detail: {
      en: "The request {request} failed and was recorded. Try again; if it fails again, tell us this number.",
      ja: "リクエスト {request} の処理に失敗し、記録しました。もう一度お試しください。続く場合はこの番号をお知らせください。",
    },
  },
  CONFIG_INVALID: {
    status: 500,
    title: { en: "A setting is not valid", ja: "設定が正しくありません" },
    detail: { en: "{name} is {value}; allowed: {allowed}.", ja: "{name} の値は {value} です。使えるのは {allowed} です。" },
  },
  HOME_IN_USE: {
    status: 409,
    title: { en: "This home is in use", ja: "このホームは使用中です" },
    detail: {
      en: "Process {pid} is running Kliv on {home}. Stop it, or give another --home.",
      ja: "プロセス {pid} が {home} で Kliv を動かしています。停止するか、別の --home を指定してください。",
    },
  },
  POSTGRES_UNAVAILABLE: {
    status: 503,
    title: { en: "The metadata database is not reachable", ja: "メタデータのデータベースに接続できません" },
    detail: { en: "{reason}", ja: "原因を確認してから再度お試しください：{reason}" },
  },
  ENVIRONMENT_MISMATCH: {
    status: 500,
    title: { en: "These stores belong to another environment", ja: "別の環境のストアが指定されています" },
    detail: {
      en: "This process runs as {environment}, but the database was made for {found}. Nothing was read. Point it at its own stores.",
      ja: "このプロセスは {environment} として起動しましたが、データベースは {found} 用です。何も読み込んでいません。正しいストアを指定してください。",
    },
  },
  HOME_ENVIRONMENT_MISMATCH: {
    status: 500,
    title: { en: "This home belongs to another environment", ja: "別の環境のホームが指定されています" },
    detail: {
      en: "This process runs as {environment}, but {home} was made for {found}. Nothing was read. Give it a home of its own.",
      ja: "このプロセスは {environment} として起動しましたが、{home} は {found} 用です。何も読み込んでいません。この環境用のホームを指定してください。",
    },
  },
  SCHEMA_NEWER: {
    status: 500,
    title: { en: "The database was made by a newer Kliv", ja: "データベースは新しいバージョンのKlivのものです" },
    detail: {
      en: "It has the migration {migration}, which this version does not know. Nothing was changed. Start the newer version, or restore the backup from before the upgrade.",
      ja: "このバージョンにはないマイグレーション {migration} が適用されています。何も変更していません。新しいバージョンで起動するか、更新前のバックアップを復元してください。",
    },
  },
  POSTGRES_ROLE_UNUSABLE: {
    status: 500,
    title: { en: "The application's role cannot be used", ja: "アプリケーション用のロールを使用できません" },
    detail: {
      en: "PostgreSQL has the role {role}, but the user {user} may not become it. As a superuser run: grant {role} to {user};",
      ja: "PostgreSQLにロール {role} がありますが、ユーザー {user} はこのロールに切り替えられません。スーパーユーザーで次を実行してください：grant {role} to {user};",
    },
  },
  RATE_LIMITED: {
    status: 429,
    title: { en: "Too many requests from this address", ja: "このアドレスからのリクエストが多すぎます" },
    detail: {
      en: "At most {perHourMax} of these an hour are taken from one address. Try again in {minutes} minutes.",
      ja: "この操作は、1つのアドレスから1時間に {perHourMax} 回まで受け付けます。{minutes} 分後にもう一度お試しください。",
    },
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: { en: "That method is not known here", ja: "このメソッドは使えません" },
    detail: { en: "See /api/docs for what this address answers.", ja: "このURLで使えるメソッドは /api/docs をご覧ください。" },
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: { en: "The request's body is too large", ja: "リクエスト本文が大きすぎます" },
    detail: { en: "At most {bytesMax} bytes are taken here.", ja: "ここで受け付けられるのは最大 {bytesMax} バイトです。" },
  },
  REQUEST_MALFORMED: {
    status: 400,
    title: { en: "That is not an HTTP request", ja: "HTTP リクエストとして読み取れません" },
    detail: { en: "The request line, a header or a chunk of the body is not well-formed, so the connection was closed.", ja: "リクエスト行、ヘッダー、または本文のチャンクの形式が正しくないため、接続を閉じました。" },
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: { en: "The request took too long to arrive", ja: "リクエストの受信に時間がかかりすぎました" },
    detail: { en: "Its headers did not arrive in time, so the connection was closed. Send it again.", ja: "ヘッダーが時間内に届かなかったため、接続を閉じました。もう一度送信してください。" },
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: { en: "The request's headers are too large", ja: "リクエストのヘッダーが大きすぎます" },
    detail: { en: "All headers together have at most 16 KB. Send fewer or shorter ones; a browser's cookies of other sites on this host count too.", ja: "ヘッダーは合計 16 KB までです。数や長さを減らしてください。同じホストのほかのサイトの Cookie も含まれます。" },
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: { en: "That media type is not taken here", ja: "このメディアタイプは受け付けていません" },
    detail: { en: "Send application/json in UTF-8.", ja: "UTF-8 の application/json で送信してください。" },
  },
  CROSS_SITE_REFUSED: {
    status: 403,
    title: { en: "Requests from other sites are refused", ja: "他サイトからのリクエストは受け付けません" },
    detail: { en: "Open Kliv itself and try again there.", ja: "Kliv を直接開いてから操作してください。" },
  },
  HOST_UNKNOWN: {
    status: 421,
    title: { en: "This server does not answer for that host", ja: "このサーバーはそのホスト名には応答しません" },
    detail: { en: "Use {origin}.", ja: "{origin} を使用してください。" },
  },
  SIGNIN_NEEDED: {
    status: 401,
    title: { en: "Sign in first", ja: "サインインが必要です" },
    detail: {
      en: "Sign in, or send a valid API token as Authorization: Bearer.",
      ja: "サインインするか、有効な API トークンを Authorization: Bearer で送信してください。",
    },
  },
  FORBIDDEN: {
    status: 403,
    title: { en: "You may not do this", ja: "この操作の権限がありません" },
    detail: {
      en: "Your role or your token's scope does not include {action}. Ask an administrator of the team.",
      ja: "あなたの役割またはトークンの範囲には {action} が含まれていません。チームの管理者に依頼してください。",
    },
  },
  IDEMPOTENCY_KEY_BUSY: {
    status: 409,
    title: { en: "That request is still under way", ja: "そのリクエストはまだ処理中です" },
    detail: {
      en: "The first request with this Idempotency-Key has not been answered yet. Wait a moment and send it again: you get its answer.",
      ja: "この Idempotency-Key の最初のリクエストはまだ終わっていません。少し待って再送すると、その結果が返ります。",
    },
  },
  IDEMPOTENCY_KEY_DONE: {
    status: 409,
    title: { en: "That request has been done", ja: "そのリクエストはすでに完了しています" },
    detail: {
      en: "The first request with this Idempotency-Key was cut off after it had made {kind} {id}. Nothing was made a second time; go on with that one.",
      ja: "この Idempotency-Key の最初のリクエストは、{kind} {id} を作成したあとで中断されました。二重には作成していません。作成済みのものを使って続けてください。",
    },
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: { en: "That Idempotency-Key was used for another request", ja: "この Idempotency-Key は別のリクエストで使われています" },
    detail: { en: "Send a new key for a new request.", ja: "新しいリクエストには新しいキーを使ってください。" },
  },
  SHUTTING_DOWN: {
    status: 503,
    title: { en: "The server is stopping", ja: "サーバーは停止処理中です" },
    detail: { en: "Try again in a moment.", ja: "しばらくしてからもう一度お試しください。" },
  },
  JOB_ENDED: {
    status: 409,
    title: { en: "This job has ended", ja: "このジョブは終了しています" },
    detail: { en: "A job that has ended cannot be cancelled.", ja: "終了したジョブは取り消せません。" },
  },
  JOB_CANCELLED: {
    status: 409,
    title: { en: "This job was cancelled", ja: "このジョブは取り消されました" },
    detail: { en: "Nothing of it was kept. Start it again if you need it.", ja: "データは保存されていません。必要な場合は最初からやり直してください。" },
  },
  NOT_RUNNING: {
    status: 409,
    title: { en: "Kliv is not running", ja: "Kliv が起動していません" },
    detail: { en: "Nothing serves the home {home}. Start it with npm start.", ja: "{home} を提供しているプロセスがありません。npm start で起動してください。" },
  },
});
