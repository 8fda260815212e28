import { promise } from "#src/rooms/trust/promise.ts";
import { checkPlaces } from "./checks/places.ts";

export default promise({
  id: "HOST-3",
  section: "hosting",
  kind: "deployed",
  statement: {
    en: "What you store in Kliv may also be held in Kliv's backups on AWS EC2, S3 and Glacier.",
    ja: "Klivに保存された内容は、AWS EC2、S3、Glacierに置かれたKlivのバックアップにも含まれることがあります。",
  },
  must: {
    en: "A map of every place that can hold user content is made from the deployment and the storage code, and is shown on this page.",
    ja: "ユーザーの内容が置かれうるすべての場所の一覧が、構成定義と保存処理のコードから作られ、このページに表示されること。",
  },
  proof: {
    en: "A test adds a store that the map does not name and must fail.",
    ja: "一覧に載っていない保存先を加えると、テストが失敗することを確かめます。",
  },
  everyHours: 24,
  check: checkPlaces,
});
