import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "ENV-2",
  section: "environments",
  kind: "enforced",
  statement: {
    en: "Only authorized staff reach production: through a VPN, with a strong password and a hardware token, and then by SSH with a personal RSA key protected by a passphrase.",
    ja: "本番環境に入れるのは認可担当者だけです。強力なパスワードとハードウェアトークンでVPNに接続し、パスフレーズで保護された個人のRSA鍵を使ってSSHで接続します。",
  },
  must: {
    en: "A certificate authority issues a short-lived SSH certificate for the person's own RSA key, only right after a hardware token has been touched and only while every other condition holds. A private key without a passphrase is not accepted.",
    ja: "SSH認証局は、ハードウェアトークンによる確認の直後で、ほかの条件がすべて満たされている間だけ、本人のRSA鍵に短命の証明書を発行すること。パスフレーズのない秘密鍵は登録できないこと。",
  },
  proof: {
    en: "Against a real OpenSSH server, login works when every condition is met and is refused when any one is missing; a revoked certificate stops working.",
    ja: "実際のOpenSSHサーバーに対して、条件がそろえば接続でき、一つでも欠けると拒否されること、失効させた証明書が使えなくなることを確かめます。",
  },
  everyHours: 24,
});
