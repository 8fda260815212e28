import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-5",
  section: "change",
  kind: "enforced",
  statement: {
    en: "Production servers are managed by one central configuration system.",
    ja: "本番サーバーは、中央の構成管理システムで管理されています。",
  },
  must: {
    en: "There is one typed description of the configuration; each node reports a digest of its own, and any difference is shown.",
    ja: "設定の定義が一つにまとまっていること。各ノードが自分の設定の要約値を報告し、差異があれば表示されること。",
  },
  proof: {
    en: "A test changes the configuration of one node; the difference shows.",
    ja: "テストで一つのノードの設定を変え、差異が表示されることを確かめます。",
  },
  everyHours: 24,
});
