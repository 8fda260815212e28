import { promise } from "#src/rooms/trust/promise.ts";
import { checkAgreements } from "./checks/agreements.ts";

export default promise({
  id: "ACCESS-7",
  section: "access",
  kind: "stated",
  statement: {
    en: "Data may be collected, shared, kept and used as Kliv's privacy policy or your agreement with Kliv describes.",
    ja: "データは、Klivのプライバシーポリシーまたはお客様との契約に記載されたとおりに収集、共有、保持、使用されることがあります。",
  },
  must: {
    en: "Privacy policy and terms are kept as versions, shown, accepted at sign-up and again when they change, and each acceptance is recorded; a team's own agreement is noted.",
    ja: "プライバシーポリシーと利用規約が版として管理され、表示され、登録時と変更時に同意を求め、同意が記録されること。チーム固有の契約も記録されること。",
  },
  proof: {
    en: "A new version asks again, and the acceptance is in the export.",
    ja: "新しい版で再び同意が求められ、その同意がエクスポートに含まれることを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkAgreements,
});
