import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOGIN-2",
  section: "login",
  kind: "enforced",
  statement: {
    en: "Every customer, on any plan, can turn on two-factor authentication.",
    ja: "どのプランのお客様も、二要素認証（2FA）を有効にできます。",
  },
  must: {
    en: "One-time codes, passkeys and security keys work on every plan, with recovery codes, and a team may require a second factor of all its members.",
    ja: "ワンタイムコード、パスキー、セキュリティキー、リカバリーコードがすべてのプランで使え、チームがメンバー全員に二要素認証を必須にできること。",
  },
  proof: {
    en: "A browser with a virtual authenticator registers and signs in; a code that was used once is refused.",
    ja: "仮想認証器を備えたブラウザーで登録とサインインを行い、一度使ったコードが拒否されることを確かめます。",
  },
  everyHours: 24,
});
