import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ACCESS-2",
  section: "access",
  kind: "enforced",
  statement: {
    en: "Staff with direct access see user data only in aggregate, unless they are troubleshooting or the privacy policy allows more.",
    ja: "直接アクセスできる担当者も、トラブルシューティングまたはプライバシーポリシーで認められた場合を除き、ユーザーデータを集計された形でしか閲覧できません。",
  },
  must: {
    en: "The staff database role sees aggregate views and nothing else. An exception needs a reason, ends by itself and is recorded where the customer sees it.",
    ja: "担当者用のデータベースロールからは集計ビューしか見えないこと。例外には理由が必要で、自動的に終了し、お客様から見える場所に記録されること。",
  },
  proof: {
    en: "Acting in that role, every table is refused; an exception appears in the customer's log.",
    ja: "そのロールではすべてのテーブルが拒否され、例外の利用がお客様のログに現れることを確かめます。",
  },
  everyHours: 24,
});
