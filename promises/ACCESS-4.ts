import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ACCESS-4",
  section: "access",
  kind: "enforced",
  statement: {
    en: "Support staff have limited access tied to a case, through a restricted tool, and look at private user data only with explicit permission.",
    ja: "サポート担当者のアクセスは、専用の制限されたツールによる、案件ごとの限定的なものです。明示的な許可なしに非公開のユーザーデータを閲覧することはありません。",
  },
  must: {
    en: "A case asks for a scope and a duration, the customer grants it, access is read-only and ends by itself, and every look is recorded and shown to the customer.",
    ja: "案件ごとに範囲と期間を示して申請し、お客様が許可すること。アクセスは閲覧のみで自動的に終了し、閲覧のたびに記録されてお客様に表示されること。",
  },
  proof: {
    en: "Without a grant, outside it or after it, the tool answers 404 and the attempt is recorded.",
    ja: "許可がない場合、範囲外の場合、終了後のいずれも404が返り、その試みが記録されることを確かめます。",
  },
  everyHours: 24,
});
