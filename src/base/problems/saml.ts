import { entries } from "./entry.ts";

/** Single sign-on. What a person meets while signing in is shown by its code alone and needs no values. */
export const samlProblems = entries({
  SSO_REQUIRED: {
    status: 403,
    title: { en: "Your organization signs in by single sign-on", ja: "この組織ではシングルサインオン（SSO）が必要です" },
    detail: {
      en: "Passwords and other providers are not accepted for addresses of your organization. Choose “Sign in with SSO” and give your e-mail address.",
      ja: "この組織のメールアドレスでは、パスワードやほかのプロバイダーではサインインできません。「SSOでサインイン」を選び、メールアドレスを入力してください。",
    },
  },
  SSO_NONE: {
    status: 404,
    title: { en: "There is no single sign-on for this address", ja: "このメールアドレスで使えるシングルサインオンはありません" },
    detail: {
      en: "No team has set it up for this domain. Check the address, or sign in another way.",
      ja: "このドメインに対するSSOは設定されていません。メールアドレスを確認するか、別の方法でサインインしてください。",
    },
  },
  SSO_NO_CONNECTION: {
    status: 409,
    title: { en: "There is nothing to sign in with yet", ja: "サインインに使える接続がありません" },
    detail: { en: "Make a connection to an identity provider, and turn it on, before you require single sign-on.", ja: "SSOを必須にする前に、IDプロバイダーへの接続を作成して有効にしてください。" },
  },
  SSO_BREAK_GLASS_NEEDED: {
    status: 409,
    title: { en: "An owner must keep another way in", ja: "緊急用のオーナーを指定してください" },
    detail: {
      en: "Name one owner of the team who may still come in by password when the identity provider is away. It must be an owner of this team.",
      ja: "IDプロバイダーが使えないときにもパスワードでサインインできるオーナーを1人指定してください。このチームのオーナーである必要があります。",
    },
  },
  PLAN_ENTERPRISE_ONLY: {
    status: 409,
    title: { en: "This belongs to the Enterprise plan", ja: "Enterpriseプランの機能です" },
    detail: { en: "Single sign-on and provisioning are for teams on the Enterprise plan.", ja: "シングルサインオンとユーザーの自動管理は、Enterpriseプランのチームで利用できます。" },
  },
  SAML_REQUEST_INVALID: {
    status: 400,
    title: { en: "This sign-in cannot be continued", ja: "このサインインは続行できません" },
    detail: {
      en: "It was begun in another browser, more than half an hour ago, or is finished already. Begin again here.",
      ja: "別のブラウザーで開始されたか、開始から30分以上経過したか、すでに完了しています。この画面からもう一度始めてください。",
    },
  },
  SAML_RESPONSE_INVALID: {
    status: 400,
    title: { en: "The identity provider's answer was not accepted", ja: "IDプロバイダーの応答を受け付けられませんでした" },
    detail: {
      en: "Nobody was signed in. Try again; if it happens again, your administrator finds the reason on the team's single sign-on page.",
      ja: "サインインは行われていません。もう一度試してください。繰り返す場合は、管理者がチームの「シングルサインオン」ページで理由を確認できます。",
    },
  },
  SAML_RESPONSE_TOO_LARGE: {
    status: 413,
    title: { en: "The identity provider's answer is too large", ja: "IDプロバイダーの応答が大きすぎます" },
    detail: { en: "At most 256 KB are read. Your administrator can have fewer groups and attributes sent.", ja: "上限は256 KBです。送信するグループや属性を減らすよう、管理者に連絡してください。" },
  },
  SAML_REPLAYED: {
    status: 400,
    title: { en: "This sign-in was used already", ja: "このサインインはすでに使用されています" },
    detail: { en: "An identity provider's word counts once. Begin again here.", ja: "IDプロバイダーの応答は一度しか使えません。この画面からもう一度始めてください。" },
  },
  SAML_DENIED: {
    status: 403,
    title: { en: "The identity provider did not sign you in", ja: "IDプロバイダーがサインインを許可しませんでした" },
    detail: { en: "It was cancelled there, or you have no access to Kliv there. Try again, or ask your administrator.", ja: "キャンセルされたか、IDプロバイダーでKlivの利用が許可されていません。もう一度試すか、管理者に問い合わせてください。" },
  },
  SAML_EMAIL_MISSING: {
    status: 403,
    title: { en: "The identity provider tells no e-mail address", ja: "IDプロバイダーからメールアドレスが送られていません" },
    detail: {
      en: "Exactly one address is needed, as the name or in an attribute. Your administrator can set this up at the provider or on the team's single sign-on page.",
      ja: "名前IDまたは属性に、メールアドレスがちょうど1つ必要です。管理者がIDプロバイダー、またはチームの「シングルサインオン」ページで設定できます。",
    },
  },
  SAML_DOMAIN_FOREIGN: {
    status: 403,
    title: { en: "This address is not of your organization's domains", ja: "組織のドメインのメールアドレスではありません" },
    detail: {
      en: "The identity provider may speak only for addresses of domains that the team has verified. Ask your administrator.",
      ja: "IDプロバイダーでサインインできるのは、チームが確認済みのドメインのメールアドレスだけです。管理者に問い合わせてください。",
    },
  },
  SAML_ROLE_MISSING: {
    status: 403,
    title: { en: "The identity provider gives you no role", ja: "IDプロバイダーから役割が割り当てられていません" },
    detail: { en: "Your team lets in only people with a role from there. Ask your administrator.", ja: "このチームは、IDプロバイダーで役割が割り当てられた人だけが利用できます。管理者に問い合わせてください。" },
  },
  SAML_DEACTIVATED: {
    status: 403,
    title: { en: "Your access was ended", ja: "アクセスが停止されています" },
    detail: { en: "Your organization's directory says that you do not use Kliv any more. Ask your administrator.", ja: "組織のディレクトリで、Klivの利用が停止されています。管理者に問い合わせてください。" },
  },
  SCIM_TOKEN_INVALID: {
    status: 401,
    title: { en: "This directory is not known", ja: "ディレクトリを確認できません" },
    detail: { en: "The token is wrong, or was replaced or removed. Make a new one on the team's single sign-on page.", ja: "トークンが間違っているか、置き換えまたは削除されています。チームの「シングルサインオン」ページで新しいトークンを発行してください。" },
  },
  SCIM_TAKEN: {
    status: 409,
    title: { en: "This is there already", ja: "すでに存在します" },
    detail: { en: "The directory has made this person or group before, or the address belongs to another account.", ja: "同じユーザーまたはグループがすでに作成されているか、メールアドレスが別のアカウントで使われています。" },
  },
  SCIM_FILTER_INVALID: {
    status: 400,
    title: { en: "This filter is not understood", ja: "フィルターの形式に対応していません" },
    detail: { en: "Ask for one attribute: userName, displayName, externalId or id, with eq and a value in quotation marks.", ja: "userName、displayName、externalId、id のいずれか1つを、eq と引用符付きの値で指定してください。" },
  },
  SCIM_TOO_MANY: {
    status: 413,
    title: { en: "The directory is too large", ja: "ディレクトリが大きすぎます" },
    detail: { en: "At most 20,000 people are kept for one connection.", ja: "1つの接続で管理できるのは20,000人までです。" },
  },
  SAML_UNASKED_REFUSED: {
    status: 403,
    title: { en: "Please begin to sign in here", ja: "Klivの画面からサインインしてください" },
    detail: {
      en: "Your team does not accept sign-ins that begin at the identity provider. Begin here, with “Sign in with SSO”.",
      ja: "このチームでは、IDプロバイダー側から始めるサインインは許可されていません。「SSOでサインイン」から始めてください。",
    },
  },
  SAML_LOGOUT_INVALID: {
    status: 400,
    title: { en: "This sign-out was not accepted", ja: "このサインアウト要求は受け付けられませんでした" },
    detail: {
      en: "The identity provider's message is not signed by it, is too old, or was used before. No session was ended by it. Sign out here instead.",
      ja: "IDプロバイダーのメッセージは、署名が正しくないか、古すぎるか、使用済みです。この要求によって終了したセッションはありません。Klivの画面からサインアウトしてください。",
    },
  },
  SAML_LOGOUT_PARTIAL: {
    status: 409,
    title: { en: "You are signed out of Kliv only", ja: "Klivからのみサインアウトしました" },
    detail: {
      en: "The identity provider could not end all of its sessions. Close the browser if others use it too.",
      ja: "IDプロバイダー側のセッションをすべて終了できませんでした。共用の端末では、ブラウザーを閉じてください。",
    },
  },
  SAML_KEY_OTHER: {
    status: 503,
    title: { en: "This connection cannot be used here", ja: "このサーバーではこの接続を使用できません" },
    detail: {
      en: "This server has another key than the one that made the connection. Whoever runs this Kliv: every server needs the same HOME/secrets/saml.",
      ja: "接続の作成時とは別の鍵を持つサーバーです。このKlivの運用担当者は、すべてのサーバーに同じ HOME/secrets/saml を置いてください。",
    },
  },
  SAML_METADATA_INVALID: {
    status: 422,
    title: { en: "This metadata cannot be used", ja: "このメタデータは使用できません" },
    detail: { en: "The identity provider's metadata was not taken: {reason}.", ja: "IDプロバイダーのメタデータを取り込めませんでした：{reasonJa}。" },
  },
  SAML_METADATA_NO_ADDRESS: {
    status: 409,
    title: { en: "There is no address to read from", ja: "メタデータのURLがありません" },
    detail: { en: "This connection's metadata was given as a file. Give the new file, or an address.", ja: "この接続のメタデータはファイルで登録されています。新しいファイルまたはURLを指定してください。" },
  },
  SAML_CONNECTIONS_TOO_MANY: {
    status: 422,
    title: { en: "There are too many connections", ja: "接続が多すぎます" },
    detail: { en: "A team has at most {max}. Delete one that is not used.", ja: "1チームあたり{max}件までです。使っていないものを削除してください。" },
  },
  SAML_KEYS_ORDER: {
    status: 409,
    title: { en: "It is not the turn of this step", ja: "この手順は今は実行できません" },
    detail: {
      en: "Keys change in three steps: prepare the new ones, switch to them once the provider has read our metadata, then retire the old ones.",
      ja: "鍵の更新は3段階です。新しい鍵を準備し、IDプロバイダーが新しいメタデータを読み込んだら切り替え、最後に古い鍵を破棄します。",
    },
  },
  DOMAIN_INVALID: {
    status: 422,
    title: { en: "This is not a domain", ja: "ドメインの形式が正しくありません" },
    detail: { en: "Give what stands behind the @ of your addresses, such as example.com.", ja: "メールアドレスの@より後の部分（例：example.com）を入力してください。" },
  },
  DOMAIN_TAKEN: {
    status: 409,
    title: { en: "This domain is in use already", ja: "このドメインはすでに使用されています" },
    detail: { en: "{domain} stands in the list already, or another team has verified it. A domain belongs to one team.", ja: "{domain} はすでに一覧にあるか、別のチームが確認済みです。1つのドメインは1つのチームにのみ属します。" },
  },
  DOMAIN_UNPROVEN: {
    status: 409,
    title: { en: "The record was not found", ja: "レコードが見つかりません" },
    detail: {
      en: "{domain} needs a TXT record that says {record}. After a change it can take up to an hour until it is seen everywhere.",
      ja: "{domain} に、値が {record} のTXTレコードが必要です。変更が反映されるまで最大1時間ほどかかることがあります。",
    },
  },
  DOMAINS_TOO_MANY: {
    status: 422,
    title: { en: "There are too many domains", ja: "ドメインが多すぎます" },
    detail: { en: "A team has at most {max}. Remove one that is not used.", ja: "1チームあたり{max}件までです。使っていないものを削除してください。" },
  },
});
