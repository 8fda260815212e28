import { checkSaml } from "./checks/sso.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOGIN-1",
  section: "login",
  kind: "enforced",
  statement: {
    en: "Enterprise customers can sign in through their own identity provider with SAML 2.0.",
    ja: "Enterpriseのお客様は、SAML 2.0によるシングルサインオン（SSO）で自社のIDプロバイダーからサインインできます。",
  },
  must: {
    en: "Kliv publishes service-provider metadata, accepts sign-in begun at either side, insists on signed assertions, reads encrypted ones, makes accounts on first sign-in and serves several identity providers at once.",
    ja: "サービスプロバイダーのメタデータを公開し、どちらの側から始めたサインインにも対応し、署名付きアサーションを必須とし、暗号化されたアサーションを読み、初回サインイン時にアカウントを作成し、複数のIDプロバイダーを同時に扱えること。",
  },
  proof: {
    en: "The check is an identity provider itself, in a team made for it: the right answers let people in, forged ones nobody. Each release is also run against an identity provider that others wrote, with every known signature-wrapping attack.",
    ja: "検査用のチームで、検査自身がIDプロバイダーとなり、正しい応答ではサインインでき、偽造した応答では誰もサインインできないことを確かめます。リリースごとに、第三者が開発したIDプロバイダーと、既知のすべての署名ラッピング攻撃でも確かめます。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkSaml,
});
