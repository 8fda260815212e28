import { checkLock } from "./checks/lock.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOGIN-5",
  section: "login",
  kind: "enforced",
  statement: {
    en: "Repeated failed sign-ins lock the account for 30 seconds before anyone can try again.",
    ja: "サインインの失敗が続くと、30秒間ロックされ、その間は再試行できません。",
  },
  must: {
    en: "Five failures in a row lock an account for 30 seconds on every node, whether or not it exists, also for second-factor codes, and parallel attempts cannot slip past.",
    ja: "5回続けて失敗すると、アカウントの有無にかかわらず、すべてのノードで30秒間ロックされること。二要素認証のコードも同様で、並列の試行でもすり抜けられないこと。",
  },
  proof: {
    en: "Fifty wrong attempts at once, at an account, at a name that no account has, and at codes of the second step: no more than five of each are evaluated, and then even the right password waits.",
    ja: "実在するアカウント、実在しない名前、2段階目のコードのそれぞれに、誤った試行を同時に50回行い、評価されるのが5回以下であること、その後は正しいパスワードでも待たされることを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkLock,
});
