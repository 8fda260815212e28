import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "STAFF-2",
  section: "staff_policy",
  kind: "operated",
  statement: {
    en: "If an employee breaks a security policy, Kliv may decide on consequences up to dismissal.",
    ja: "従業員がセキュリティポリシーに違反した場合、Klivは解雇を含む適切な対応を決定する権利を留保します。",
  },
  must: {
    en: "Violations are recorded on the staff register, where only a few may read them.",
    ja: "違反が担当者の台帳に記録され、限られた者だけが閲覧できること。",
  },
  proof: {
    en: "Each role is tried against those records.",
    ja: "その記録への閲覧を役割ごとに試して確かめます。",
  },
  everyHours: 24,
});
