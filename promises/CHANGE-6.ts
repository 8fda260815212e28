import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-6",
  section: "change",
  kind: "operated",
  statement: {
    en: "A critical patch can be deployed within 24 hours of becoming available.",
    ja: "クリティカルなパッチは、利用可能になってから24時間以内にデプロイできます。",
  },
  must: {
    en: "A clock runs for each critical finding, from its publication to its deployment.",
    ja: "クリティカルな指摘ごとに、公表からデプロイまでの時間が計られること。",
  },
  proof: {
    en: "A finding that is overdue shows red.",
    ja: "期限を過ぎた指摘が「守られていない」と表示されることを確かめます。",
  },
  everyHours: 24,
});
