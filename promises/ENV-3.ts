import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ENV-3",
  section: "environments",
  kind: "operated",
  statement: {
    en: "Authorized staff are trained not to copy non-public user data to their workstations or mobile devices.",
    ja: "認可担当者は、非公開のユーザーデータを自分のワークステーションやモバイル端末に複製しないよう訓練を受けています。",
  },
  must: {
    en: "Each person's training is recorded with an end date, and without a current one there is no access to production.",
    ja: "担当者ごとの訓練が有効期限とともに記録され、期限内の記録がなければ本番環境に入れないこと。",
  },
  proof: {
    en: "A test lets a training expire; the next certificate is refused.",
    ja: "テストで訓練の期限を切らせ、次の証明書の発行が拒否されることを確かめます。",
  },
  everyHours: 24,
});
