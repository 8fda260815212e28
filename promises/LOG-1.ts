import { promise } from "#src/rooms/trust/promise.ts";
import { checkAuditLog } from "./checks/audit-log.ts";

export default promise({
  id: "LOG-1",
  section: "logging",
  kind: "enforced",
  statement: {
    en: "What users do with user data is recorded in Kliv, and customers can read the record.",
    ja: "ユーザーデータに対するユーザーの操作はKlivに記録され、お客様が閲覧できます。",
  },
  must: {
    en: "Each team has a log of who did what, when and from where, written together with the change itself. It can be searched and exported, and tampering shows.",
    ja: "誰が、何を、いつ、どこから行ったかがチームごとに記録され、変更そのものと同時に書き込まれること。検索とエクスポートができ、改ざんが検出されること。",
  },
  proof: {
    en: "Changes, downloads and refused changes of a throw-away team are counted against their events; its log is exported, verified with the public key alone, altered and verified again; then all logs are held against their trees and signed checkpoints. A test walks every endpoint that changes something.",
    ja: "検査用のチームで変更、ダウンロード、拒否された変更を行い、記録の件数と照合します。ログをエクスポートして公開鍵だけで検証し、書き換えると検出されることを確かめたうえで、すべてのログをハッシュ木および署名付きチェックポイントと照合します。変更を行う全エンドポイントはテストで確認しています。",
  },
  everyHours: 24,
  timeoutMs: 5 * 60_000,
  check: checkAuditLog,
});
