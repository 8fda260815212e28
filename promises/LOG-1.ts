import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOG-1",
  section: "logging",
  kind: "enforced",
  statement: {
    en: "What users do with user data is recorded in Kliv, and customers can read the record.",
    ja: "ユーザーデータに対するユーザーの操作はKlivに記録され、お客様が閲覧できます。",
  },
  must: {
    en: "Each team has a log of who did what, when and from where, written together with the change itself. It can be searched and exported, and tampering shows.",
    ja: "誰が、何を、いつ、どこから行ったかがチームごとに記録され、変更そのものと同時に書き込まれること。検索とエクスポートができ、改ざんが検出されること。",
  },
  proof: {
    en: "Every endpoint that changes something writes exactly one event, and an altered record is detected.",
    ja: "変更を行うすべてのエンドポイントが記録をちょうど1件書き、書き換えた記録が検出されることを確かめます。",
  },
  everyHours: 24,
});
