import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-1",
  section: "change",
  kind: "operated",
  statement: {
    en: "Every change to production, in code or configuration, is reviewed before it is deployed.",
    ja: "本番環境への変更は、コードでもシステム構成でも、すべてデプロイ前にレビューされます。",
  },
  must: {
    en: "A release needs the recorded approval of somebody other than its author, and deployment refuses anything without one.",
    ja: "リリースには作成者以外の承認の記録が必要で、承認のないものはデプロイできないこと。",
  },
  proof: {
    en: "A build that nobody approved is refused.",
    ja: "承認のないビルドが拒否されることを確かめます。",
  },
  everyHours: 24,
});
