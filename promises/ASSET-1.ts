import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ASSET-1",
  section: "assets",
  kind: "operated",
  statement: {
    en: "SRE and operations share the care of Kliv's systems, and assets are handed over when somebody changes roles or leaves.",
    ja: "システムの機密性、完全性、可用性の維持はSREチームと運用チームが分担しています。資産は役職変更または退職時に引き継がれます。",
  },
  must: {
    en: "A register names who looks after each asset, and nobody's leaving is complete while they still own one.",
    ja: "資産ごとの担当が台帳に記載され、担当する資産が残っている間は退職の手続きが完了しないこと。",
  },
  proof: {
    en: "A test of somebody leaving.",
    ja: "退職の手続きをテストで実行して確かめます。",
  },
  everyHours: 24,
});
