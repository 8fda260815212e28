import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DR-3",
  section: "continuity",
  kind: "operated",
  statement: {
    en: "Our SRE team tests parts of the continuity design regularly. We do not currently run anything like Chaos Monkey.",
    ja: "SREチームは、事業継続のための設計のさまざまな部分を定期的にテストしています。現在、Chaos Monkeyのようなものは実行していません。",
  },
  must: {
    en: "Drills are scheduled, the recovery times and points they reach are recorded, and this page says what is run and what is not.",
    ja: "訓練が予定され、達成した復旧時間と復旧時点が記録され、何を実施し何を実施していないかがこのページに示されること。",
  },
  proof: {
    en: "A drill that was missed turns this red.",
    ja: "予定された訓練が行われないと「守られていない」に変わることを確かめます。",
  },
  everyHours: 24,
});
