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
    stateLegend: "What the states mean",
    kindLegend: "Who makes a promise true",
    contents: "Sections",
    summary: "Summary",
    mustLabel: "What has to be true",
    proofLabel: "How it is shown",
    factsLabel: "What the check found",
    evidenceLabel: "Evidence",
    checkedLabel: "Last checked",
    neverChecked: "Never",
    checkedNow: (count: number) => (count === 1 ? "1 check has just been run." : `${count} checks have just been run.`),
    promises: (count: number) => (count === 1 ? "1 promise" : `${count} promises`),
    yes: "yes",
    no: "no",
    utc: "UTC",
  },
  ja: {
    title: "信頼性の証明",
    intro: "セキュリティページの約束を一つずつ、この環境での現在の状態と根拠とともに示します。",
    stateLegend: "状態の意味",
    kindLegend: "何によって守られるか",
    contents: "セクション",
    summary: "概要",
    mustLabel: "満たすべき条件",
    proofLabel: "確認の方法",
    factsLabel: "検査の結果",
    evidenceLabel: "根拠",
    checkedLabel: "最終検査",
    neverChecked: "未実施",
    checkedNow: (count: number) => `${count}件の検査を実行しました。`,
    promises: (count: number) => `${count}件の約束`,
    yes: "はい",
    no: "いいえ",
    utc: "UTC",
  },
} as const satisfies Record<Language, object>;
