import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "STAFF-1",
  section: "staff_policy",
  kind: "operated",
  statement: {
    en: "Employees learn about security and data access when they join, are told when policies change, and sign a confidentiality agreement.",
    ja: "従業員は入社時に役割に応じてセキュリティ意識とデータアクセスのポリシーを学び、変更があれば知らされ、秘密保持契約に署名します。",
  },
  must: {
    en: "A new version of a policy asks everyone to acknowledge it; until they have, they get no certificate.",
    ja: "ポリシーの新しい版では全員に確認を求め、確認するまで証明書が発行されないこと。",
  },
  proof: {
    en: "A test publishes a new version.",
    ja: "テストで新しい版を公開して確かめます。",
  },
  everyHours: 24,
});
