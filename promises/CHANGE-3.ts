import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-3",
  section: "change",
  kind: "operated",
  statement: {
    en: "Every code change is tested in staging before it goes to production.",
    ja: "コードの変更は、すべて本番へのデプロイ前にステージング環境でテストされます。",
  },
  must: {
    en: "Only the very build that passed staging's checks can go to production.",
    ja: "ステージングの検査に合格したものと同一のビルドだけが本番に進めること。",
  },
  proof: {
    en: "A build that did not is refused.",
    ja: "合格していないビルドが拒否されることを確かめます。",
  },
  everyHours: 24,
});
