import { promise } from "#src/rooms/trust/promise.ts";
import { checkMailedLinks } from "./checks/mailed-links.ts";

export default promise({
  id: "LOGIN-6",
  section: "login",
  kind: "enforced",
  statement: {
    en: "Passwords are stored only as hashes and are never e-mailed. At sign-up and for a reset, Kliv mails you a link with which you create a password.",
    ja: "パスワードはハッシュ化して保存され、メールで送られることはありません。アカウント作成時と再設定時には、新しいパスワードを作成するためのリンクをメールで送ります。",
  },
  must: {
    en: "Passwords are hashed with argon2id; sign-up asks for none; links work once, expire, and are themselves stored hashed; and the answer does not reveal whether an account exists.",
    ja: "パスワードはargon2idでハッシュ化され、登録時には入力を求めないこと。リンクは一度きりで期限があり、それ自体もハッシュ化して保存され、応答からアカウントの有無が分からないこと。",
  },
  proof: {
    en: "Every mail and log line of the whole test run is searched for every password used in it.",
    ja: "テスト全体で送られたメールとログの全行から、使ったパスワードが一つも見つからないことを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkMailedLinks,
});
