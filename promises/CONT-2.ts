import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CONT-2",
  section: "continuity",
  kind: "enforced",
  statement: {
    en: "Kliv is designed to survive the failure of one availability zone.",
    ja: "Klivは、単一のアベイラビリティーゾーンの障害に耐えるように設計されています。",
  },
  must: {
    en: "Losing one zone's processes loses no write that was acknowledged, and Kliv recovers without help.",
    ja: "1つのゾーンのプロセスを失っても、受け付け済みの書き込みが一つも失われず、自動的に復旧すること。",
  },
  proof: {
    en: "Processes are killed under load and the acknowledged writes compared.",
    ja: "負荷をかけた状態でプロセスを強制終了し、受け付け済みの書き込みを照合します。",
  },
  everyHours: 24,
});
