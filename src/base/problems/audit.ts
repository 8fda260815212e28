import { entries } from "./entry.ts";

/** Of the audit log. */
export const auditProblems = entries({
  AUDIT_KEY_NEEDED: {
    status: 400,
    title: { en: "The public key is missing", ja: "公開鍵がありません" },
    detail: {
      en: "Give the one line that `kliv audit key` prints on the installation's machine: --key kliv-audit+...",
      ja: "サーバー上で `kliv audit key` を実行して表示される1行を指定してください：--key kliv-audit+...",
    },
  },
  AUDIT_KEY_OTHER: {
    status: 500,
    title: { en: "The audit log is signed with another key", ja: "監査ログの署名鍵が異なります" },
    detail: {
      en: "This database's audit log belongs to a home with another HOME/secrets/audit. Copy that file from the first server's home, so that all servers and commands sign alike.",
      ja: "このデータベースの監査ログは、別の HOME/secrets/audit を持つホームのものです。すべてのサーバーとコマンドが同じ鍵で署名できるよう、最初のサーバーのホームからこのファイルをコピーしてください。",
    },
  },
});
