import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-4",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "If you go on with a free account or another plan, your data may be kept under the terms of that plan.",
    ja: "契約終了後も無料アカウントまたは別のプランでKlivを使い続ける場合、データはそのプランの条件に従って保持されることがあります。",
  },
  must: {
    en: "After a downgrade everything can still be read and exported; what is over the new limits becomes read-only and is never lost.",
    ja: "プランを下げた後もすべて閲覧とエクスポートができ、新しい上限を超えるものは閲覧専用になるだけで失われないこと。",
  },
  proof: {
    en: "A team is downgraded in a test and its data compared.",
    ja: "テストでチームのプランを下げ、前後のデータを比較します。",
  },
  everyHours: 24,
});
