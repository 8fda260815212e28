import { entries } from "./entry.ts";

/** Reports, publications and the gallery. */
export const reportProblems = entries({
  REPORT_INVALID: {
    status: 422,
    title: { en: "The report is not accepted", ja: "レポートの定義を受け付けられません" },
    detail: {
      en: "The definition is refused at {pointer}: {reason}. Nothing was saved. /api/v1/schemas/report.json describes every report.",
      ja: "レポート定義の {pointer} に問題があります: {reasonJa}。何も保存していません。定義全体は /api/v1/schemas/report.json にあります。",
    },
  },
  REPORT_CHANGED: {
    status: 412,
    title: { en: "The report was changed meanwhile", ja: "レポートが同時に変更されました" },
    detail: {
      en: "It is at version {version} now, not at the one that your change was made from. Nothing of yours was saved: read it again and decide which to keep.",
      ja: "現在の版は {version} で、変更の元になった版ではありません。今回の変更は保存していません。最新の内容を読み込み、どちらを残すか選んでください。",
    },
  },
  REPORT_VERSION_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such version", ja: "その版はありません" },
    detail: { en: "The report has no version {version}. See its list of versions.", ja: "版 {version} はこのレポートにありません。版の一覧を確認してください。" },
  },
  REPORT_BLOCK_FAILED: {
    status: 422,
    title: { en: "A block of the report cannot be filled", ja: "表示できないブロックがあります" },
    detail: {
      en: "Nothing was published, because readers would see an error in the block {block}: {reason} Mend or remove it, then publish again.",
      ja: "ブロック「{block}」にエラーが表示されるため、公開していません: {reason} 修正または削除してから、もう一度公開してください。",
    },
  },
  REPORTS_TOO_MANY: {
    status: 409,
    title: { en: "Too many reports", ja: "レポートが多すぎます" },
    detail: { en: "A team holds at most {max} reports. Delete some first.", ja: "チームごとに最大 {max} 件です。不要なレポートを削除してください。" },
  },
});
