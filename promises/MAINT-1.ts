import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "MAINT-1",
  section: "maintenance",
  kind: "enforced",
  statement: {
    en: "Planned maintenance happens only in two weekly windows: Tuesday 03:00 to 06:00, and Saturday 03:00 to Sunday 06:00, US Eastern time.",
    ja: "計画メンテナンスは、週2回の決まった時間帯にだけ行います。米国東部時間の火曜日午前3時から午前6時までと、土曜日午前3時から日曜日午前6時までです。",
  },
  must: {
    en: "Planned maintenance outside them is refused, changes to and from daylight-saving time are handled, and it is announced in the app and on the status page.",
    ja: "時間帯の外の計画メンテナンスは登録できず、夏時間の切り替えが正しく扱われ、アプリとステータスページで事前に告知されること。",
  },
  proof: {
    en: "A property test over ten years of time-zone data.",
    ja: "10年分のタイムゾーンデータに対する性質テストで確かめます。",
  },
  everyHours: 24,
});
