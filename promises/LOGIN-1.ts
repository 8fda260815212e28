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
    en: "Sign-in is run against an identity provider that others wrote, and every known signature-wrapping attack in the collection is refused.",
    ja: "第三者が開発したIDプロバイダーを相手にサインインを実行し、収集した署名ラッピング攻撃がすべて拒否されることを確かめます。",
  },
  everyHours: 24,
});
