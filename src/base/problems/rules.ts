import { entries } from "./entry.ts";

/** Rules on the rows of hosted databases. */
export const ruleProblems = entries({
  ROWS_RULES_UNFIT: {
    status: 409,
    title: { en: "The rules on rows do not fit this version", ja: "行のルールがこの版に合っていません" },
    detail: {
      en: "A rule on the rows of the table {table} cannot be applied to this version of the database, so nothing of it is shown to people with restricted rows. An administrator can mend the rules, or choose another version.",
      ja: "テーブル {table} の行のルールをこの版のデータベースに適用できません。そのため、行が制限されているメンバーには何も表示しません。管理者がルールを修正するか、別の版を使ってください。",
    },
  },
  RULE_INVALID: {
    status: 422,
    title: { en: "A rule on rows is not valid", ja: "行のルールが正しくありません" },
    detail: { en: "At {pointer}: {reason}.", ja: "{pointer}：{reasonJa}。" },
  },
  RULES_CHANGED: {
    status: 412,
    title: { en: "The rules changed meanwhile", ja: "ルールが同時に変更されました" },
    detail: {
      en: "Someone else saved rules first; their number is now {number}. Load them and make your change again.",
      ja: "先にほかの人がルールを保存しました（現在の番号は {number}）。読み込み直してから、もう一度変更してください。",
    },
  },
  DATABASE_RESTRICTED: {
    status: 403,
    title: { en: "You see only some of this database's rows", ja: "このデータベースでは一部の行だけを表示できます" },
    detail: {
      en: "Rules hide some rows of this database from you, so you cannot replace its contents, add rows to it or delete it. Ask an administrator of the team.",
      ja: "ルールにより一部の行が表示されないため、内容の置き換え、行の追加、削除はできません。チームの管理者に依頼してください。",
    },
  },
});
