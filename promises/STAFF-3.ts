import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "STAFF-3",
  section: "staff_policy",
  kind: "operated",
  statement: {
    en: "Everyone is interviewed thoroughly before being hired. Those with direct production access pass a criminal background check; others are checked as their role requires.",
    ja: "すべての従業員は採用前に十分な面接を受けます。本番環境に直接アクセスする従業員は犯罪歴の調査を受け、そのほかの従業員も役割に応じた調査を受けることがあります。",
  },
  must: {
    en: "The checks that a role needs are on record before access is given.",
    ja: "役割に必要な調査が、アクセス権の付与より前に記録されていること。",
  },
  proof: {
    en: "Access without them is refused.",
    ja: "記録がなければアクセスが拒否されることを確かめます。",
  },
  everyHours: 24,
});
