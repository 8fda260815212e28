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
    en: "A hundred attempts at once from two processes: no more than five are evaluated.",
    ja: "2つのプロセスから同時に100回試行し、評価されるのが5回以下であることを確かめます。",
  },
  everyHours: 24,
});
