import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DR-1",
  section: "continuity",
  kind: "enforced",
  statement: {
    en: "If two availability zones fail for long, Kliv aims to lose at most 1 hour of data.",
    ja: "2つのアベイラビリティーゾーンに長期的な障害が起きた場合でも、データの損失を最大1時間に抑えることを目標としています。",
  },
  must: {
    en: "The primary database's log is archived continuously, and the recovery point that was measured is shown.",
    ja: "プライマリデータベースのログが継続的に保管され、実測した復旧時点が表示されること。",
  },
  proof: {
    en: "A drill destroys both, restores and measures.",
    ja: "訓練で両方を破壊してから復元し、測定します。",
  },
  everyHours: 24,
});
