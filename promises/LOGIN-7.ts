import { checkEnforced } from "./checks/enforced.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOGIN-7",
  section: "login",
  kind: "stated",
  statement: {
    en: "Kliv has no settings for password complexity or session length. Teams that enforce SSO set both in their identity provider.",
    ja: "パスワードの複雑さとセッションの長さは、アプリ内では変更できません。SSOを必須にしたチームは、IDプロバイダー側で設定できます。",
  },
  must: {
    en: "No such setting exists. For a team that enforces SSO, password sign-in is off for its domain and the session ends when the identity provider says so.",
    ja: "そのような設定項目が存在しないこと。SSOを必須にしたチームでは、そのドメインのパスワードによるサインインが無効になり、IDプロバイダーの指定した時刻にセッションが終わること。",
  },
  proof: {
    en: "A test with such a team, including the owner's documented way back in if the identity provider fails.",
    ja: "該当するチームを用意して確かめます。IDプロバイダーの障害時に所有者が使う、文書化された入口も含めて検査します。",
  },
  everyHours: 168,
  timeoutMs: 60_000,
  check: checkEnforced,
});
