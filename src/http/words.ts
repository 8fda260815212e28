import type { Language } from "#src/base/problems/problem.ts";
import type { WallsSeen } from "#src/base/sandbox/command.ts";

/** What stands around every page that the server writes. */
export const frameWords = {
  en: {
    gallery: "Gallery", trust: "Trust", docs: "API", status: "Status", privacy: "Privacy", terms: "Terms", enter: "Sign in", skip: "Skip to the content", navigation: "Kliv", language: "Language",
    tagline: "Reports that people can trust", madeWith: "Made with Kliv",
  },
  ja: {
    gallery: "ギャラリー", trust: "セキュリティの約束", docs: "API", status: "稼働状況", privacy: "プライバシー", terms: "利用規約", enter: "サインイン", skip: "本文へ移動", navigation: "Kliv", language: "言語",
    tagline: "信頼できるレポートを", madeWith: "Kliv で作成",
  },
} as const;

export const languageNames = { en: "English", ja: "日本語" } as const;

/** The page of letters that a development installation wrote. */
export const mailboxWords = {
  en: { title: "Mailbox", intro: "Letters that this development installation wrote instead of sending them. Only this machine sees this page.", empty: "No letter has been written yet.", to: "To" },
  ja: { title: "メールボックス", intro: "開発用の環境が、送信の代わりに保存したメールです。このページはこのコンピューターからのみ表示できます。", empty: "メールはまだありません。", to: "宛先" },
} as const;

/** The page that says whether Kliv works. */
export const statusWords = {
  en: {
    title: "Status", description: "Whether this Kliv installation works at this moment.",
    allUp: "Everything works.", someDown: "Something does not work at the moment.", up: "Works", down: "Does not answer",
    parts: { server: "Web server", metadata: "Accounts, teams and reports (PostgreSQL)", objects: "Stored databases (object store)", queries: "Queries and charts (sandboxed processes)" },
    sandboxTitle: "Sandbox in force",
    sandbox: {
      bubblewrap: "Queries and uploaded files are handled in processes that have no network and see nothing of this machine but the file they work on (bubblewrap, the strongest level), with limits on memory and time.",
      prlimit: "Queries and uploaded files are handled in processes with limits on memory, file size and time set by the operating system. Files and network are kept from them by Node.js and SQLite, not by the operating system: this is the middle level.",
      process: "Queries and uploaded files are handled in separate processes that are ended at their deadline. Files and network are kept from them by Node.js and SQLite only: this is the weakest level.",
    },
    filtersCalls: "The kernel refuses them every system call that they do not need: sockets, other processes, mounts and some hundred more (seccomp).",
    separateUser: "They run as another user than the server and cannot read its files.",
    environmentTitle: "Environment", environment: { staging: "This is a staging installation: its data may be erased at any time.", development: "This is a development installation, as it starts on one's own machine." },
    versionsTitle: "Versions", lookedAt: "Looked at",
  },
  ja: {
    title: "稼働状況", description: "このKlivが現在稼働しているかどうかを示します。",
    allUp: "すべて正常に稼働しています。", someDown: "現在、一部が稼働していません。", up: "正常", down: "応答なし",
    parts: { server: "ウェブサーバー", metadata: "アカウント、チーム、レポート（PostgreSQL）", objects: "保存されたデータベース（オブジェクトストア）", queries: "クエリとグラフ（サンドボックス）" },
    sandboxTitle: "有効なサンドボックス",
    sandbox: {
      bubblewrap: "クエリとアップロードされたファイルは、ネットワークに接続できず、処理対象のファイル以外は見えないプロセスで処理されます（bubblewrap、最も強いレベル）。メモリと時間にも上限があります。",
      prlimit: "クエリとアップロードされたファイルは、OSがメモリ、ファイルサイズ、時間の上限を課したプロセスで処理されます。ほかのファイルやネットワークへのアクセスは、OSではなくNode.jsとSQLiteが禁じています（中間のレベル）。",
      process: "クエリとアップロードされたファイルは、制限時間で終了する別のプロセスで処理されます。ほかのファイルやネットワークへのアクセスを禁じているのは、Node.jsとSQLiteだけです（最も弱いレベル）。",
    },
    filtersCalls: "ソケット、別プロセスの起動、マウントなど、不要な約100種類のシステムコールはカーネルが拒否します（seccomp）。",
    separateUser: "プロセスはサーバーとは別のユーザーで動作し、サーバーのファイルを読み取れません。",
    environmentTitle: "環境", environment: { staging: "ステージング環境です。データは予告なく消去されることがあります。", development: "手元のコンピューターなどで起動した開発用の環境です。" },
    versionsTitle: "バージョン", lookedAt: "確認日時",
  },
} as const;

/** Within which walls customers' files and SQL are handled, in sentences. */
export function wallsText({ level, filtersCalls, separateUser }: WallsSeen, language: Language): string {
  const say = statusWords[language];
  return [say.sandbox[level], ...(filtersCalls ? [say.filtersCalls] : []), ...(separateUser ? [say.separateUser] : [])].join(language === "ja" ? "" : " ");
}

interface DocsWords {
  title: string;
  intro: string;
  machine: string;
  start: string;
  steps: string[];
  rules: string;
  ruleItems: string[];
  contents: string;
  tags: Record<string, string>;
  parameters: string;
  body: string;
  responses: string;
  inPath: string;
  inQuery: string;
  optional: string;
  open: string;
  signedIn: string;
  needs(action: string, roles: string, isRead: boolean): string;
}

/** The API's pages. */
export const docsWords: Record<"en" | "ja", DocsWords> = {
  en: {
    title: "REST API",
    intro: "Everything that Kliv holds, as JSON and SQLite files.",
    machine: "For programs:",
    start: "First call",
    steps: ["Create a token in Kliv under <a href=\"/tokens\">API tokens</a>; it is shown once.", "Send it with each request as <code>Authorization: Bearer …</code>.", "A local installation signs its own certificate: its authority is <code>ca.pem</code> in Kliv's folder."],
    rules: "What holds for all of it",
    ruleItems: [
      "Errors are <code>application/problem+json</code> with <code>type</code>, <code>title</code>, <code>status</code>, <code>code</code> and <code>detail</code>; for files also <code>file</code>, <code>line</code> and <code>column</code>. <code>Accept-Language</code> chooses their language.",
      "Another team's thing and one that does not exist both answer 404.",
      "Lists take <code>limit</code> and <code>cursor</code> and answer <code>{items, nextCursor}</code>.",
      "Creations take an <code>Idempotency-Key</code>: the same request again within a day gets the same answer and creates nothing. Of an uploaded file, name and length stand for its bytes. Tokens are not covered, because their secret is not kept.",
      "Integers beyond 2<sup>53</sup> come as strings, bytes as <code>{\"base64\": …}</code>.",
    ],
    contents: "Contents",
    tags: { agreements: "Privacy policy and terms", audit: "Audit log", databases: "Databases", gallery: "Gallery", jobs: "Jobs", operation: "Operation", portability: "Export and import", queries: "Queries", reports: "Reports", people: "People", "sign-in": "Sign-in", teams: "Teams", tokens: "API tokens", trust: "Trust" },
    parameters: "Parameters",
    body: "Body",
    responses: "Answers",
    inPath: "path",
    inQuery: "query",
    optional: "optional",
    open: "Open to everyone.",
    signedIn: "For everyone who is signed in.",
    needs: (action, roles, isRead) => `Needs ${action}: ${roles}${isRead ? "; a read-only token will do" : "; a read-only token will not do"}.`,
  },
  ja: {
    title: "REST API",
    intro: "Kliv にあるすべてのデータを、JSON と SQLite ファイルで取得できます。",
    machine: "機械可読の定義:",
    start: "はじめての呼び出し",
    steps: ["Kliv の<a href=\"/tokens\">APIトークン</a>の画面でトークンを作成します。表示されるのは一度だけです。", "すべてのリクエストに <code>Authorization: Bearer …</code> を付けて送信します。", "手元の環境では独自の認証局の証明書を使います。認証局の証明書は Kliv のフォルダーにある <code>ca.pem</code> です。"],
    rules: "共通の規則",
    ruleItems: [
      "エラーは <code>application/problem+json</code> で、<code>type</code>、<code>title</code>、<code>status</code>、<code>code</code>、<code>detail</code> を含みます。ファイルのエラーには <code>file</code>、<code>line</code>、<code>column</code> も付きます。言語は <code>Accept-Language</code> で選べます。",
      "ほかのチームのものと存在しないものは、どちらも 404 になります。",
      "一覧は <code>limit</code> と <code>cursor</code> を受け取り、<code>{items, nextCursor}</code> を返します。",
      "作成のリクエストには <code>Idempotency-Key</code> を付けられます。1 日以内に同じリクエストを再送すると、新しく作成せずに同じ応答を返します。アップロードでは、ファイル名と長さで同じファイルかどうかを判断します。トークンの作成は、秘密の値を保存しないため対象外です。",
      "2<sup>53</sup> を超える整数は文字列、バイナリは <code>{\"base64\": …}</code> になります。",
    ],
    contents: "目次",
    tags: { agreements: "プライバシーポリシーと利用規約", audit: "監査ログ", databases: "データベース", gallery: "ギャラリー", jobs: "ジョブ", operation: "運用", portability: "エクスポートとインポート", queries: "クエリ", reports: "レポート", people: "メンバー", "sign-in": "サインイン", teams: "チーム", tokens: "APIトークン", trust: "セキュリティの約束" },
    parameters: "パラメーター",
    body: "本文",
    responses: "応答",
    inPath: "パス",
    inQuery: "クエリ",
    optional: "省略可",
    open: "だれでも利用できます。",
    signedIn: "サインインしている人が利用できます。",
    needs: (action, roles, isRead) => `必要な権限 ${action}（${roles}）。読み取り専用トークンでは${isRead ? "利用できます" : "利用できません"}。`,
  },
};
