import { promise } from "#src/rooms/trust/promise.ts";
import { checkPermissions } from "./checks/permissions.ts";

export default promise({
  id: "ACCESS-1",
  section: "access",
  kind: "enforced",
  statement: {
    en: "Access to user data follows least privilege, and only authorized staff can reach production systems directly.",
    ja: "ユーザーデータへのアクセスは最小権限の原則に従い、本番システムに直接アクセスできるのは認可担当者だけです。",
  },
  must: {
    en: "One table says which role may do what; code, documentation and tests all read it. Each process uses a database role with only the rights it needs.",
    ja: "どの役割が何をできるかを一つの表で定め、コード、文書、テストがすべてその表を読むこと。各プロセスのデータベースロールは必要な権限だけを持つこと。",
  },
  proof: {
    en: "The table is tried against every endpoint, and the application's database role is refused what it should not read.",
    ja: "すべてのエンドポイントを表と照合し、アプリケーションのデータベースロールが読むべきでないものを拒否されることを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 180_000,
  check: checkPermissions,
});
