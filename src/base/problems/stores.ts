import { entries } from "./entry.ts";

/** Object stores and stored versions. */
export const storeProblems = entries({
  BLOB_NOT_FOUND: {
    status: 404,
    title: { en: "The stored object is not there", ja: "保存されたオブジェクトが見つかりません" },
    detail: {
      en: "The object store has nothing under {key}. It was deleted, or never stored.",
      ja: "オブジェクトストアに {key} がありません。削除されたか、保存されていません。",
    },
  },
  BLOB_EXISTS: {
    status: 409,
    title: { en: "The object is there already", ja: "オブジェクトはすでに存在します" },
    detail: {
      en: "Something is stored under {key} and was left as it is. Store yours under another key.",
      ja: "{key} にはすでにオブジェクトがあり、変更していません。別のキーで保存してください。",
    },
  },
  BLOB_DAMAGED: {
    status: 500,
    title: { en: "The stored object is damaged", ja: "保存されたオブジェクトが破損しています" },
    detail: {
      en: "The object {key} did not pass its integrity check ({reason}), and nothing of it that failed was given out. Restore it from a backup or upload it again.",
      ja: "オブジェクト {key} は整合性の検査に失敗しました（{reason}）。検査に失敗した内容は返していません。バックアップから復元するか、もう一度アップロードしてください。",
    },
  },
  BLOB_KEY_INVALID: {
    status: 400,
    title: { en: "That is not a key of the object store", ja: "オブジェクトストアのキーとして使えません" },
    detail: {
      en: "A key has at most {lengthMax} characters in parts between slashes; a part has at most {partLengthMax} of a-z, 0-9, dot, underscore and hyphen, and begins with a letter, a digit or an underscore.",
      ja: "キーは全体で {lengthMax} 文字以内で、スラッシュで区切ります。各部分は {partLengthMax} 文字以内の a-z、0-9、ピリオド、アンダースコア、ハイフンで、先頭は英小文字、数字、アンダースコアのいずれかです。",
    },
  },
  BLOB_RANGE_INVALID: {
    status: 416,
    title: { en: "The object does not have that range", ja: "指定された範囲はオブジェクトにありません" },
    detail: {
      en: "Bytes {range} were asked for. Ask for whole numbers that begin inside the object and do not end before they begin.",
      ja: "バイト範囲 {range} が指定されました。オブジェクトの内側から始まり、終わりが始まりより前にならない整数で指定してください。",
    },
  },
  BLOB_TOO_LARGE: {
    status: 413,
    title: { en: "The object is too large", ja: "オブジェクトが大きすぎます" },
    detail: {
      en: "The object store takes at most {bytesMax} bytes an object. Nothing was stored.",
      ja: "オブジェクトストアに保存できるのは 1 件あたり最大 {bytesMax} バイトです。何も保存していません。",
    },
  },
  BLOB_HASH_MISMATCH: {
    status: 422,
    title: { en: "The content is not what was announced", ja: "内容が申告されたものと一致しません" },
    detail: {
      en: "The SHA-256 of what arrived for {key} differs from the one given with it. Nothing was stored; send it again.",
      ja: "{key} として届いた内容の SHA-256 が、指定された値と異なります。何も保存していません。もう一度送信してください。",
    },
  },
  BLOB_NOT_ENCRYPTED: {
    status: 500,
    title: { en: "The object store does not show that it encrypts", ja: "オブジェクトストアの暗号化を確認できません" },
    detail: {
      en: "The server took {key} but does not show AES-256 server-side encryption, so the object was removed again. Turn encryption on there; for a server that encrypts without showing it, add sse=accepted to the store's address.",
      ja: "サーバーは {key} を受け付けましたが、AES-256 のサーバー側暗号化を示さないため、オブジェクトを取り除きました。サーバーで暗号化を有効にしてください。暗号化していても表示しないサーバーの場合は、ストアのアドレスに sse=accepted を加えてください。",
    },
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: { en: "The object store is not reachable", ja: "オブジェクトストアに接続できません" },
    detail: {
      en: "The store answered with {reason}. Try again in a moment; if it stays, check its address, credentials and permissions.",
      ja: "ストアの応答: {reason}。しばらくしてからもう一度お試しください。続く場合は、アドレス、認証情報、権限を確認してください。",
    },
  },
  STORE_FULL: {
    status: 507,
    title: { en: "The object store is full", ja: "オブジェクトストアの空き容量がありません" },
    detail: {
      en: "There was no room for {key}, and nothing of it was stored. Free space on the disk or enlarge it, then try again.",
      ja: "{key} を保存する空き容量がなく、何も保存していません。ディスクの空きを増やしてから、もう一度お試しください。",
    },
  },
  STORE_ENVIRONMENT_MISMATCH: {
    status: 500,
    title: { en: "The object store belongs to another environment", ja: "オブジェクトストアは別の環境のものです" },
    detail: {
      en: "This process runs as {environment}, but the object store was made for {found}. Nothing in it was read. Give this environment a store of its own.",
      ja: "このプロセスは {environment} として起動しましたが、オブジェクトストアは {found} 用です。中身は何も読み込んでいません。この環境専用のストアを指定してください。",
    },
  },
  STORE_KEY_WRONG: {
    status: 500,
    title: { en: "The object store was encrypted under another key", ja: "オブジェクトストアの暗号鍵が違います" },
    detail: {
      en: "The master key does not fit the store in {place}. Put the key back that the store was made with; without it nothing in the store can be read.",
      ja: "マスターキーが {place} のストアと一致しません。ストアを作成したときの鍵を戻してください。その鍵がなければ中身は読み取れません。",
    },
  },
  STORE_FOREIGN: {
    status: 500,
    title: { en: "That place is not an object store of Kliv", ja: "指定された場所は Kliv のオブジェクトストアではありません" },
    detail: {
      en: "{place} holds other things and no valid marker of an object store. Nothing was changed. Give an empty place, or put the marker back.",
      ja: "{place} にはほかのデータがあり、オブジェクトストアの正しい目印がありません。何も変更していません。空の場所を指定するか、目印を元に戻してください。",
    },
  },
  STORE_TLS_REQUIRED: {
    status: 500,
    title: { en: "The object store must be reached over HTTPS", ja: "オブジェクトストアへの接続には HTTPS が必要です" },
    detail: {
      en: "The endpoint {endpoint} is not on this machine and is not https. Give it as https://.",
      ja: "エンドポイント {endpoint} はこのマシンの外にあり、https ではありません。https:// で指定してください。",
    },
  },
});
