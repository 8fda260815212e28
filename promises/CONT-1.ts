import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CONT-1",
  section: "continuity",
  kind: "deployed",
  statement: {
    en: "Every critical service has a replicated second one running at the same time in another AWS availability zone, with mirrored data.",
    ja: "すべてのクリティカルなサービスには、別のAWSアベイラビリティーゾーンで同時に稼働し、データがミラーリングされた複製があります。",
  },
  must: {
    en: "At least two application nodes run in two zones, the nodes hold no state of their own, and PostgreSQL has a synchronous standby.",
    ja: "2つのゾーンで2台以上のアプリケーションノードが稼働し、ノード自身は状態を持たず、PostgreSQLに同期スタンバイがあること。",
  },
  proof: {
    en: "The template is checked, and a test runs two nodes with a primary and its standby.",
    ja: "テンプレートを検査し、テストで2台のノードとプライマリおよびスタンバイを動かします。",
  },
  everyHours: 24,
});
