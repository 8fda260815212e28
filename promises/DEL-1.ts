import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-1",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "When an Enterprise agreement ends and your administrator asks for it, your content is removed from the live production database within 30 days.",
    ja: "Enterprise契約の終了時に管理者から要求があれば、保存されたコンテンツは30日以内に稼働中の本番データベースから完全に削除されます。",
  },
  must: {
    en: "A request can be undone for a while, is carried out well within 30 days, and ends with a certificate that lists what was erased from each store, all object versions included.",
    ja: "要求は一定期間取り消せ、30日より十分早く実行されること。最後に、すべての版を含めて各保存先から何を消去したかを記した証明書が発行されること。",
  },
  proof: {
    en: "A known row of a deleted workspace is looked for in every live store and found in none.",
    ja: "削除したワークスペースの既知の行が、稼働中のどの保存先からも見つからないことを確かめます。",
  },
  everyHours: 24,
});
