import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "INC-1",
  section: "incidents",
  kind: "enforced",
  statement: {
    en: "Problems that affect Enterprise customers get a severity, and with it a time to start, to an interim fix and to a final one: 1 hour, 4 hours and 7 hours for severity 1; 2 hours, 48 hours and 14 days for severity 2; 72 hours, 7 days and 30 days for severity 3; at our discretion for severity 4.",
    ja: "Enterpriseのお客様に影響する問題には深刻度が割り当てられ、報告からの対応期限が決まります。着手・暫定解決・最終解決の順に、深刻度1は1時間・4時間・7時間、深刻度2は2時間・48時間・14日、深刻度3は72時間・7日・30日以内です。深刻度4はKlivチームの裁量によります。",
  },
  must: {
    en: "Each incident has a severity and three clocks from its report, is escalated before a limit is missed, and shows the customer a timeline; a public status page goes with it.",
    ja: "インシデントごとに深刻度が付き、報告時点から3つの期限が計られ、期限が迫ると上位の担当者に引き継がれ、お客様に経過が示されること。公開のステータスページもあること。",
  },
  proof: {
    en: "Every cell of the table is tested with a moved clock.",
    ja: "時計を動かして、表のすべての期限をテストします。",
  },
  everyHours: 24,
});
