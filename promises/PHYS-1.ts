import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "PHYS-1",
  section: "physical",
  kind: "inherited",
  statement: {
    en: "Kliv's physical servers stand in AWS's secured data centers, and AWS is responsible for their physical security.",
    ja: "Klivの物理サーバーはAWSの安全なデータセンターにあり、物理的なセキュリティはAWSが担っています。",
  },
  must: {
    en: "The provider's attestations that cover physical security are on record with scope, source and expiry, and none has run out.",
    ja: "物理的なセキュリティを対象とする提供元の認証が、範囲、出典、有効期限とともに記録され、期限が切れていないこと。",
  },
  proof: {
    en: "The record is read against today's date, and a test plants an expired one.",
    ja: "記録を今日の日付と照合し、テストでは期限切れのものを混ぜて検出できることを確かめます。",
  },
  everyHours: 168,
});
