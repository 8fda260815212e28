import type { Language } from "#src/base/problems/problem.ts";
import type { Kind, Section, State, Text } from "./promise.ts";

/** Names of the security page's sections. */
export const sectionWords: Record<Section, Text> = {
  hosting: { en: "Data centers and location", ja: "データセンターと場所" },
  environments: { en: "Production environment", ja: "本番環境" },
  network: { en: "Network security", ja: "ネットワークセキュリティ" },
  login: { en: "Sign-in security", ja: "ログインセキュリティ" },
  access: { en: "Access control and public content", ja: "アクセス制御と公開コンテンツ" },
  third_parties: { en: "Third parties", ja: "サードパーティ" },
  physical: { en: "Physical security", ja: "物理セキュリティ" },
  corporate: { en: "Corporate environment", ja: "企業環境" },
  transit: { en: "Encryption in transit", ja: "通信時の暗号化" },
  at_rest: { en: "Encryption at rest", ja: "保存時の暗号化" },
  keys: { en: "Encryption keys", ja: "暗号化鍵" },
  deletion: { en: "Deletion of data", ja: "データの削除" },
  change: { en: "Development, patches and configuration", ja: "開発、パッチ、構成管理" },
  logging: { en: "Event logging", ja: "イベントロギング" },
  assets: { en: "Asset management", ja: "資産管理" },
  validation: { en: "Checks on files", ja: "ファイルの検証" },
  backup: { en: "Backups", ja: "バックアップ" },
  portability: { en: "Data portability", ja: "データの移植性" },
  continuity: { en: "Continuity and disaster recovery", ja: "事業継続と災害復旧" },
  incidents: { en: "Incidents", ja: "インシデント対応" },
  staff_policy: { en: "Employee policies", ja: "従業員ポリシー" },
  maintenance: { en: "Maintenance", ja: "メンテナンス" },
};

/** The states' names, and what each of them means, for the legend. */
export const stateWords: Record<State, { name: Text; meaning: Text }> = {
  kept: {
    name: { en: "Kept", ja: "守られている" },
    meaning: {
      en: "A check ran on this installation recently and saw that the promise is kept.",
      ja: "この環境で最近実行した検査により、守られていることを確認しました。",
    },
  },
  broken: {
    name: { en: "Broken", ja: "守られていない" },
    meaning: {
      en: "The last check on this installation saw that the promise is not kept.",
      ja: "この環境での直近の検査で、守られていないことが分かりました。",
    },
  },
  unknown: {
    name: { en: "Unknown", ja: "不明" },
    meaning: {
      en: "We cannot show it here: no check exists yet, it has not run, it could not tell, or its result is too old. Unknown does not mean kept.",
      ja: "この環境では示すことができません。検査がまだない、実行していない、判断できなかった、または結果が古い場合です。「不明」は「守られている」という意味ではありません。",
    },
  },
  "not-promised": {
    name: { en: "Not promised", ja: "約束していない" },
    meaning: {
      en: "The security page says that there is no such thing, so there is nothing to check.",
      ja: "セキュリティページで「ない」と明記している項目です。検査の対象ではありません。",
    },
  },
};

/** Who makes a promise true. */
export const kindWords: Record<Kind, { name: Text; meaning: Text }> = {
  enforced: {
    name: { en: "Enforced", ja: "ソフトウェアが保証" },
    meaning: { en: "The software makes it true on every installation.", ja: "どの環境でも、ソフトウェア自身が守らせます。" },
  },
  deployed: {
    name: { en: "Deployed", ja: "構成が保証" },
    meaning: { en: "The AWS deployment makes it true.", ja: "AWSの構成によって守られます。" },
  },
  operated: {
    name: { en: "Operated", ja: "運用が保証" },
    meaning: { en: "People do it; the software schedules it, records it and shows when it is late.", ja: "担当者が行い、ソフトウェアが予定と記録を管理し、遅れを表示します。" },
  },
  inherited: {
    name: { en: "Inherited", ja: "提供元が保証" },
    meaning: { en: "A provider attests to it; the software records which one and until when.", ja: "提供元が証明し、ソフトウェアがその内容と有効期限を記録します。" },
  },
  stated: {
    name: { en: "Stated", ja: "事実の明示" },
    meaning: { en: "It states a limit, or that something does not exist.", ja: "制限や、存在しないことを明示するものです。" },
  },
};

/** Evidence that is about the check itself rather than what it saw. */
export const reasonWords = {
  noCheck: { en: "No automated check exists for this yet.", ja: "自動検査はまだありません。" },
  notRun: { en: "The check has not run on this installation yet.", ja: "この環境では検査をまだ実行していません。" },
  notPromised: { en: "Stated here so that nobody assumes it.", ja: "誤解のないよう、ここに明記しています。" },
  timedOut: { en: "The check did not finish in time, so nothing is known.", ja: "検査が時間内に終わらなかったため、判断できません。" },
  threw: { en: "The check itself failed, so nothing is known.", ja: "検査自体が失敗したため、判断できません。" },
  malformed: { en: "The check gave no usable answer, so nothing is known.", ja: "検査から有効な結果が得られなかったため、判断できません。" },
  stale: { en: "Kept when it was last checked, but that is too long ago to rely on.", ja: "前回の検査では守られていましたが、時間が経っているため現在の状態は不明です。" },
} as const satisfies Record<string, Text>;

/** The page's own texts. */
export const pageWords = {
  en: {
    title: "Trust",
    intro: "Everything that our security page promises, one by one, with its state on this very installation and the evidence for it.",
    legend: "How to read this page",
    stateLegend: "What the states mean",
    kindLegend: "Who makes a promise true",
    contents: "Sections",
    summary: "Summary",
    mustLabel: "What has to be true",
    proofLabel: "How it is shown",
    factsLabel: "What the check found",
    detailsLabel: "What is checked, and how",
    checkedLabel: "Last checked:",
    promises: (count: number) => (count === 1 ? "1 promise" : `${count} promises`),
    parties: "Third parties that this installation uses",
    yes: "yes",
    no: "no",
    utc: "UTC",
  },
  ja: {
    title: "セキュリティの約束",
    intro: "セキュリティページの約束を一つずつ、この環境での現在の状態と根拠とともに示します。",
    legend: "このページの見方",
    stateLegend: "状態の意味",
    kindLegend: "何によって守られるか",
    contents: "セクション",
    summary: "概要",
    mustLabel: "満たすべき条件",
    proofLabel: "確認の方法",
    factsLabel: "検査の結果",
    detailsLabel: "検査の内容",
    checkedLabel: "最終検査：",
    promises: (count: number) => `${count}件の約束`,
    parties: "この環境が利用する外部サービスの一覧",
    yes: "はい",
    no: "いいえ",
    utc: "UTC",
  },
} as const satisfies Record<Language, object>;

/** What the facts of the checks are called; `{about}` is the word after the name, as a port's number. */
export const factWords: Record<string, Text> = {
  placesFound: { en: "Places found", ja: "見つかった場所" },
  placesOnMap: { en: "Places on the map", ja: "一覧にある場所" },
  startsRefused: { en: "Starts of another environment refused", ja: "拒否された別環境からの起動" },
  accepted: { en: "Accepted", ja: "受け付けた件数" },
  adapters: { en: "Adapters on the register", ja: "台帳にあるアダプター" },
  adaptersInUse: { en: "Adapters in use", ja: "使用中のアダプター" },
  accepts: { en: "Port {about} accepts", ja: "ポート{about}が受け付けるもの" },
  addressesCalled: { en: "Addresses called", ja: "呼び出したアドレス" },
  addressesDescribed: { en: "Addresses described", ja: "APIの定義にあるアドレス" },
  auditEvents: { en: "Events in all logs", ja: "全ログの記録" },
  auditLogs: { en: "Audit logs verified", ja: "検証した監査ログ" },
  bytes: { en: "Bytes", ja: "バイト数" },
  callsMade: { en: "Calls made", ja: "行った呼び出し" },
  certificateUntil: { en: "Certificate of port {about} valid until", ja: "ポート{about}の証明書の有効期限" },
  changesMade: { en: "Changes and downloads made", ja: "行った変更とダウンロード" },
  checkpoints: { en: "Signed checkpoints verified", ja: "検証した署名付きチェックポイント" },
  cookiesSeen: { en: "Cookies looked at", ja: "確認したCookie" },
  daysKept: { en: "Days kept", ja: "保持する日数" },
  encryption: { en: "Encryption", ja: "暗号化方式" },
  error: { en: "Error", ja: "エラー" },
  endedMs: { en: "Longest until all had ended, in milliseconds", ja: "すべて終了するまでの最長時間（ミリ秒）" },
  evaluatedMax: { en: "Most attempts looked at", ja: "評価された試行の最大数" },
  forgeries: { en: "Forged answers refused", ja: "拒否した偽造応答" },
  hoursOld: { en: "Hours since the last check", ja: "前回の検査からの時間" },
  hstsSeconds: { en: "HSTS in seconds", ja: "HSTSの秒数" },
  installable: { en: "Can be installed", ja: "インストール可能" },
  integrityCheck: { en: "Passes SQLite's integrity check", ja: "SQLiteの整合性検査に合格" },
  limitMs: { en: "Time limit in milliseconds", ja: "制限時間（ミリ秒）" },
  linksTaken: { en: "Uses of one link that were taken", ja: "1つのリンクが使えた回数" },
  rowsRead: { en: "Rows looked at", ja: "調べた行" },
  rowsUnreached: { en: "Rows seen that were not asked for", ja: "対象外なのに見えた行" },
  listeners: { en: "TLS listeners", ja: "TLSで待ち受けるポート" },
  lockedSeconds: { en: "Seconds locked", ja: "ロックされた秒数" },
  logLines: { en: "Lines of the log looked at", ja: "調べたログの行" },
  logPrivate: { en: "Readable by the server's user only", ja: "サーバーのユーザーだけが読める" },
  notEncrypted: { en: "Objects not encrypted", ja: "暗号化されていないオブジェクト" },
  objects: { en: "Stored objects", ja: "保存されたオブジェクト" },
  operations: { en: "Operations of the API", ja: "APIの操作数" },
  outgoing: { en: "Outgoing: {about}", ja: "外向きの接続：{about}" },
  ports: { en: "Open ports", ja: "開いているポート" },
  portsNotDeclared: { en: "Open ports that are not configured", ja: "設定にないポート" },
  providers: { en: "Sign-in providers", ja: "サインイン用のプロバイダー" },
  publications: { en: "Public reports", ja: "公開レポート" },
  rawBytes: { en: "Raw bytes searched", ja: "調べた生のバイト数" },
  rawFiles: { en: "Files searched", ja: "調べたファイル" },
  privacyVersion: { en: "Privacy policy in force, version", ja: "有効なプライバシーポリシーの版" },
  refused: { en: "Refused", ja: "拒否した件数" },
  renamed: { en: "New ids", ja: "新しいID" },
  rowsRefused: { en: "Sets of rows refused", ja: "拒否した行の組" },
  unfit: { en: "Attachments refused", ja: "拒否した添付ファイル" },
  damaged: { en: "Objects damaged", ja: "破損したオブジェクト" },
  repaired: { en: "Objects repaired", ja: "修復したオブジェクト" },
  overdue: { en: "Objects not read in time", ja: "期間内に読み直せなかったオブジェクト" },
  periodDays: { en: "Days within which each is read", ja: "全件を読み直す日数" },
  secretsSearched: { en: "Values searched for", ja: "探した値" },
  store: { en: "Kind of store", ja: "保存先の種類" },
  termsVersion: { en: "Terms in force, version", ja: "有効な利用規約の版" },
  versionsAsked: { en: "New versions asked for", ja: "同意を求められた新しい版" },
  waysTried: { en: "Connections tried", ja: "試みた接続" },
  weakSuitesOffered: { en: "Weaker cipher suites offered", ja: "提示した弱い暗号スイート" },
};

/** Values of facts that are words themselves; all others are shown as they stand. */
export const factValues: Record<string, Text> = {
  database: { en: "database", ja: "データベース" },
  directory: { en: "encrypted folder", ja: "暗号化フォルダー" },
  local: { en: "stays on this machine", ja: "このマシンの中のみ" },
  mail: { en: "mail", ja: "メール" },
  none: { en: "not encrypted", ja: "暗号化なし" },
  nothing: { en: "nothing", ja: "なし" },
  objects: { en: "object store", ja: "オブジェクトストア" },
  unverified: { en: "TLS, not verified", ja: "TLS（検証なし）" },
  verified: { en: "TLS, verified", ja: "TLS（検証あり）" },
};
