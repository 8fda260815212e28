import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "STAFF-4",
  section: "staff_policy",
  kind: "deployed",
  statement: {
    en: "Many of us work remotely, and reach production only through the VPN and authorized systems.",
    ja: "チームメンバーの多くはリモートで働いており、本番環境へのアクセスはVPNと認可されたシステムに限定されています。",
  },
  must: {
    en: "SSH and the staff console can be reached only from the VPN's security group, wherever a person works.",
    ja: "働く場所にかかわらず、SSHと担当者用コンソールにはVPNのセキュリティグループからしか到達できないこと。",
  },
  proof: {
    en: "Reachability is computed from the template, and the staff console turns other networks away.",
    ja: "テンプレートから到達可能性を計算し、担当者用コンソールがほかのネットワークからの接続を拒むことを確かめます。",
  },
  everyHours: 24,
});
