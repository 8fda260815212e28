import { checkProviders } from "./checks/providers.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOGIN-3",
  section: "login",
  kind: "enforced",
  statement: {
    en: "If you sign in through your identity provider or Google account, Kliv relies on the sign-in security set there.",
    ja: "SSOまたはGoogleアカウントでサインインする場合、Klivはその提供元のログインセキュリティ設定を引き継ぎます。",
  },
  must: {
    en: "Sign-in with Google works by OpenID Connect, and after single sign-on Kliv asks for no password or second factor of its own.",
    ja: "OpenID ConnectによりGoogleでサインインでき、シングルサインオンの後にKliv独自のパスワードや二要素認証を求めないこと。",
  },
  proof: {
    en: "Sign-in is run against a certified OpenID provider.",
    ja: "認定済みのOpenIDプロバイダーを相手にサインインを実行して確かめます。",
  },
  everyHours: 24,
  check: checkProviders,
});
