import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CORP-1",
  section: "corporate",
  kind: "deployed",
  statement: {
    en: "Firewalls limit access to production to the VPN and authorized systems. Being on the office network gives no access of its own.",
    ja: "ファイアウォールにより、本番環境へのアクセスはVPNと認可されたシステムに限定されています。社内ネットワークにいるだけでは本番環境に入れません。",
  },
  must: {
    en: "SSH and the staff console can be reached only from the VPN's security group.",
    ja: "SSHと担当者用コンソールには、VPNのセキュリティグループからしか到達できないこと。",
  },
  proof: {
    en: "Reachability is computed from the template, and the staff console turns other networks away.",
    ja: "テンプレートから到達可能性を計算し、担当者用コンソールがほかのネットワークからの接続を拒むことを確かめます。",
  },
  everyHours: 24,
});
