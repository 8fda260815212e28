import { checkFactors } from "./checks/factors.ts";
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
    en: "An account made for the check turns on one-time codes and a passkey and signs in with each; codes and answers that were used once are refused. Each release also does it in a browser with a virtual authenticator.",
    ja: "検査用のアカウントでワンタイムコードとパスキーを有効にしてサインインし、一度使ったコードや応答が拒否されることを確かめます。リリースごとに、仮想認証器を備えたブラウザーでも同じことを行います。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkFactors,
});
