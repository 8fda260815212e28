import type { Text } from "./promise.ts";

/** Kinds of places, and how each is told apart in a running installation. */
export const placeKinds = ["table", "objects", "home", "work"] as const;
export type PlaceKind = (typeof placeKinds)[number];

/** What a place can hold of people's; `none` holds nothing of theirs. */
export type Holds = "content" | "names" | "people" | "secrets" | "events" | "mixed" | "none";

export interface Place {
  kind: PlaceKind;
  /** A table, the beginning of objects' keys, an entry of HOME, or what lies in a working folder. */
  name: string;
  holds: Holds;
}

/**
 * Every place of the program's that data is put into. A new store has its line here: a test reads the migrations and
 * the code for tables and objects, and the check of HOST-3 looks for what is not named in the running installation.
 */
const byHolds: Record<PlaceKind, Partial<Record<Holds, string>>> = {
  table: {
    content: "reports report_versions publications queries descriptions row_rules previews databases versions columnar_copies attachments sources removed_versions query_runs public_databases",
    names: "jobs idempotency_keys boss.*",
    people: "users teams members groups group_members invitations shares service_accounts email_changes agreement_acceptances team_agreements saml_sessions saml_assertions scim_users scim_groups oidc_identities signin_failures",
    secrets: "sessions tokens password_links passkeys passkey_challenges recovery_codes totp_factors totp_setups signin_steps oidc_requests saml_requests saml_connections saml_keys scim_directories",
    events: "audit_events audit_leaves audit_pending",
    none: "audit_checkpoints audit_key agreements agreement_history domains sso_settings object_checks promise_results sample_made installation migrations",
  },
  objects: { content: "versions/ uploads/ previews/ columnar/ attachments/ promises/" },
  home: {
    mixed: "postgres mail", content: "blobs", events: "audit logs", secrets: "secrets tls ca.pem",
    none: "lock.json control.sock environment",
  },
  work: { content: "copy job" },
};

export const places: readonly Place[] = placeKinds.flatMap((kind) =>
  Object.entries(byHolds[kind]).flatMap(([holds, names]) => names.split(" ").map((name): Place => ({ kind, name, holds: holds as Holds }))));

export const isOnMap = ({ kind, name }: Pick<Place, "kind" | "name">): boolean => places.some((place) => place.kind === kind && place.name === name);

export const holdsWords: Record<Holds, Text> = {
  content: { en: "What people upload, write and make", ja: "アップロード、入力、作成された内容" },
  names: { en: "Names of files and of things, while work is under way and for some days after", ja: "処理中とその後数日間の、ファイル名や項目の名前" },
  people: { en: "Who people are, and what they belong to", ja: "利用者とその所属に関する情報" },
  secrets: { en: "Keys and secrets: hashed, sealed, or readable by the server's own user alone", ja: "鍵と秘密情報（ハッシュ化、暗号化、またはサーバー自身のユーザーだけが読み取り可能）" },
  events: { en: "Who did what and when, without the content", ja: "誰がいつ何をしたか（内容は含みません）" },
  mixed: { en: "All of this", ja: "上記のすべて" },
  none: { en: "Nothing of people's", ja: "利用者の情報は含みません" },
};

export const placesWords = {
  en: {
    title: "Where data can be",
    intro: "Every place that this installation puts anything into, and what it can hold. A check looks through the database, the object store, the home and the working folders for places that are not named here.",
    back: "All promises",
    link: "Where data can be",
    memory: "Besides, answers to queries are kept in the server's memory for as long as it runs. Browsers keep the session's cookie. Backups are copies of these places, made by whoever runs the installation.",
    kinds: {
      table: { name: "Tables of the PostgreSQL database", about: "Embedded in the home, or the operator's own." },
      objects: { name: "Objects", about: "In the encrypted folder of the home, or in the operator's S3 bucket; always encrypted with AES-256." },
      home: { name: "The home folder", about: "Readable by the server's own user alone." },
      work: { name: "Working folders", about: "Plain while they are needed: in memory up to 64 MB, larger ones on disk. They are gone when the server stops, unless the operator named a folder for them." },
    },
    names: { copy: "working copies of databases", job: "files of one import, export or preview under way" },
  },
  ja: {
    title: "データが置かれる場所",
    intro: "この環境がデータを書き込むすべての場所と、そこに含まれうるものを示します。ここに載っていない場所がないか、データベース、オブジェクトストア、ホーム、作業フォルダーを定期的に検査しています。",
    back: "すべての約束",
    link: "データが置かれる場所",
    memory: "このほか、クエリの結果はサーバーの稼働中、メモリに保持されます。ブラウザーにはセッションのCookieが保存されます。バックアップは、運用者が作成するこれらの場所の複製です。",
    kinds: {
      table: { name: "PostgreSQLのテーブル", about: "ホームに内蔵されたもの、または運用者自身のPostgreSQLです。" },
      objects: { name: "オブジェクト", about: "ホーム内の暗号化フォルダー、または運用者のS3バケットに置かれ、常にAES-256で暗号化されます。" },
      home: { name: "ホームフォルダー", about: "サーバー自身のユーザーだけが読み取れます。" },
      work: { name: "作業フォルダー", about: "必要な間だけ平文で置かれます。64 MBまではメモリ上、それより大きいものはディスク上です。運用者がフォルダーを指定していない限り、サーバーの停止とともに消去されます。" },
    },
    names: { copy: "データベースの作業用コピー", job: "実行中の取り込み、書き出し、プレビューのファイル" },
  },
} as const;
