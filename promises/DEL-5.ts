import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-5",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "When a user's account is deleted, their personal data, such as name, e-mail address and location, is erased within 30 days, and from backups once those reach 90 days.",
    ja: "ユーザーアカウントが削除されると、名前、メールアドレス、場所などの個人情報は30日以内に消去され、バックアップからも90日の保持期間の経過後に完全に破棄されます。",
  },
  must: {
    en: "Every column that holds personal data is declared, erasure works from that declaration, and what the person wrote is shown as by a deleted user.",
    ja: "個人情報を持つすべての列が宣言され、消去はその宣言に基づいて行われること。作成者の表示は「削除されたユーザー」になること。",
  },
  proof: {
    en: "A new text column about users that nobody declared fails a test; a known name is looked for in all stores and logs.",
    ja: "宣言のない文字列の列をユーザーに追加するとテストが失敗すること、既知の名前がどの保存先とログにも残らないことを確かめます。",
  },
  everyHours: 24,
});
