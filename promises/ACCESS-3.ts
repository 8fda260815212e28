import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ACCESS-3",
  section: "access",
  kind: "operated",
  statement: {
    en: "Kliv keeps lists of who may reach production, source code, development and staging. Those with production access have passed a background check and management approval, and the lists are reviewed every quarter and when a role changes.",
    ja: "本番、ソースコード、開発、ステージングのそれぞれにアクセスできる担当者のリストを維持しています。本番にアクセスする担当者は背景調査と管理者の承認を経ており、リストは四半期ごとと役職変更時に見直されます。",
  },
  must: {
    en: "A staff register holds each list; somebody else approves; a review falls due every quarter and at each change of role, and while one is overdue no new access is given.",
    ja: "担当者の台帳に各リストがあり、承認は本人以外が行うこと。見直しは四半期ごとと役職変更のたびに期日が来て、遅れている間は新しいアクセス権が与えられないこと。",
  },
  proof: {
    en: "A test moves the clock past the due date: the promise turns red and certificates are refused.",
    ja: "テストで時計を期日の先へ進め、表示が「守られていない」に変わり、証明書の発行が止まることを確かめます。",
  },
  everyHours: 24,
});
