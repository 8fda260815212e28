import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "MAINT-2",
  section: "maintenance",
  kind: "enforced",
  statement: {
    en: "Unplanned maintenance is rare. We keep any downtime as short as we can and review our maintenance schedule often.",
    ja: "非計画メンテナンスはまれです。停止時間をできるだけ短くするよう努め、メンテナンスの予定を頻繁に見直しています。",
  },
  must: {
    en: "Each is recorded with cause and duration, and the downtime of the year is shown.",
    ja: "それぞれの原因と所要時間が記録され、年間の停止時間が表示されること。",
  },
  proof: {
    en: "Tests on the record and the figure.",
    ja: "記録と数値をテストで確かめます。",
  },
  everyHours: 24,
});
