import { entries } from "./entry.ts";

/** Of the audit log. */
export const auditProblems = entries({
  AUDIT_KEY_OTHER: {
    status: 500,
    title: { en: "The audit log is signed with another key", ja: "監査ログの署名鍵が異なります" },
    detail: {
      en: "This database's audit log belongs to a home with another HOME/secrets/audit. Copy that file from the first server's home, so that all servers and commands sign alike.",
      ja: "このデータベースの監査ログは、別の HOME/secrets/audit を持つホームのものです。すべてのサーバーとコマンドが同じ鍵で署名できるよう、最初のサーバーのホームからこのファイルをコピーしてください。",
    },
  },
});
