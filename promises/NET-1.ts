import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "NET-1",
  section: "network",
  kind: "deployed",
  statement: {
    en: "AWS network ACLs and security groups limit access to Kliv's systems by role.",
    ja: "AWSのネットワークACLとセキュリティグループにより、Klivのシステムへのアクセスを役割ごとに制限しています。",
  },
  must: {
    en: "Each role (public, application, data, operations) has its own subnets, ACL and security group, and no rule opens more than that role needs.",
    ja: "公開、アプリケーション、データ、運用の役割ごとに専用のサブネット、ACL、セキュリティグループがあり、役割に必要な範囲を超えるルールがないこと。",
  },
  proof: {
    en: "Every path through the template is computed, and only the listed ones exist.",
    ja: "テンプレートから到達可能な経路をすべて計算し、一覧にある経路しか存在しないことを確かめます。",
  },
  everyHours: 24,
});
