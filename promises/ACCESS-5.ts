import { promise } from "#src/rooms/trust/promise.ts";
import { checkLeaving } from "./checks/leaving.ts";

export default promise({
  id: "ACCESS-5",
  section: "access",
  kind: "enforced",
  statement: {
    en: "When someone changes roles or leaves, their production credentials are deactivated, their sessions ended, and their accounts deleted or changed.",
    ja: "役職変更または退職時には、本番の資格情報を無効化し、セッションを強制的に終了し、アカウントを削除または変更します。",
  },
  must: {
    en: "One act revokes sessions, API tokens, certificates and grants on every node within 5 seconds.",
    ja: "一度の操作で、セッション、APIトークン、証明書、許可が、5秒以内にすべてのノードで取り消されること。",
  },
  proof: {
    en: "Measured across two nodes.",
    ja: "2つのノードで所要時間を測定します。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkLeaving,
});
