import { promise } from "#src/rooms/trust/promise.ts";
import { checkPasswords } from "./checks/passwords.ts";

export default promise({
  id: "LOGIN-4",
  section: "login",
  kind: "enforced",
  statement: {
    en: "You sign in to Kliv directly with your user name or e-mail address and a password of at least 8 characters.",
    ja: "Klivへの直接のサインインには、ユーザー名またはメールアドレスと、8文字以上のパスワードを使います。",
  },
  must: {
    en: "Either name finds the account. A password has 8 to 128 characters, counted as Unicode code points, and one on the list of well-known leaked passwords is refused.",
    ja: "ユーザー名とメールアドレスのどちらでもアカウントを特定できること。パスワードはUnicodeのコードポイントで数えて8〜128文字とし、広く知られた漏えいパスワードは拒否すること。",
  },
  proof: {
    en: "An account made for the check is offered passwords on both sides of each limit, also of characters beyond the basic plane, and then signs in by each name.",
    ja: "検査用のアカウントに、上限と下限の前後の長さのパスワードを絵文字なども含めて設定してみたうえで、それぞれの名前でサインインします。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkPasswords,
});
