import { entries } from "./entry.ts";

/** Sign-in with another provider's account. They are shown on the sign-in page by their code alone, so they need no values. */
export const oidcProblems = entries({
  OIDC_UNAVAILABLE: {
    status: 503,
    title: { en: "The sign-in provider cannot be reached", ja: "サインイン先のサービスに接続できません" },
    detail: {
      en: "Nobody was signed in. Try again in a moment, or sign in another way. If it stays, whoever runs this Kliv can check the provider's address and its certificate.",
      ja: "サインインは行われていません。しばらくしてからもう一度試すか、別の方法でサインインしてください。続く場合は、このKlivの運用担当者がプロバイダーのアドレスと証明書を確認してください。",
    },
  },
  OIDC_REQUEST_INVALID: {
    status: 400,
    title: { en: "This sign-in cannot be continued", ja: "このサインインは続行できません" },
    detail: {
      en: "It was begun in another browser, more than ten minutes ago, or is finished already. Begin again here.",
      ja: "別のブラウザーで開始されたか、開始から10分以上経過したか、すでに完了しています。この画面からもう一度始めてください。",
    },
  },
  OIDC_DENIED: {
    status: 403,
    title: { en: "The sign-in was not finished", ja: "サインインが完了しませんでした" },
    detail: {
      en: "The provider says that it was cancelled or not allowed there. Try again, or sign in another way.",
      ja: "プロバイダー側でキャンセルされたか、許可されませんでした。もう一度試すか、別の方法でサインインしてください。",
    },
  },
  OIDC_ANSWER_INVALID: {
    status: 400,
    title: { en: "The provider's answer is not accepted", ja: "プロバイダーの応答を受け付けられません" },
    detail: {
      en: "What came back did not prove who you are, so nobody was signed in. Begin again; if it stays, tell whoever runs this Kliv.",
      ja: "返された内容では本人であることを確認できないため、サインインは行われていません。もう一度始めてください。続く場合は、このKlivの運用担当者に知らせてください。",
    },
  },
  OIDC_EMAIL_UNVERIFIED: {
    status: 403,
    title: { en: "The provider does not vouch for your address", ja: "メールアドレスが確認されていません" },
    detail: {
      en: "A new account or connection needs an e-mail address that the provider has verified. Verify it there and begin again, or sign in another way.",
      ja: "新しいアカウントの作成や接続には、プロバイダーで確認済みのメールアドレスが必要です。先方で確認を済ませてからやり直すか、別の方法でサインインしてください。",
    },
  },
  OIDC_LINK_NEEDED: {
    status: 409,
    title: { en: "You already have an account with this address", ja: "このメールアドレスのアカウントはすでにあります" },
    detail: {
      en: "Sign in to it once the way you usually do. The provider's account is then connected, and from then on either will do.",
      ja: "一度だけ、いつもの方法でサインインしてください。その後プロバイダーのアカウントが接続され、次回からはどちらでもサインインできます。",
    },
  },
  OIDC_ADDRESS_DIFFERS: {
    status: 409,
    title: { en: "The addresses differ", ja: "メールアドレスが一致しません" },
    detail: {
      en: "The provider's account has another e-mail address than this one, so it was not connected. Choose the account there that has the same address.",
      ja: "プロバイダーのアカウントのメールアドレスがこのアカウントと異なるため、接続していません。同じメールアドレスのアカウントを選んでください。",
    },
  },
  OIDC_IDENTITY_TAKEN: {
    status: 409,
    title: { en: "Connected to another account", ja: "別のアカウントに接続されています" },
    detail: {
      en: "This account of the provider signs in to another account here. Disconnect it there first.",
      ja: "このプロバイダーのアカウントは、別のKlivアカウントに接続されています。先にそちらで接続を解除してください。",
    },
  },
  OIDC_IDENTITIES_TOO_MANY: {
    status: 409,
    title: { en: "Too many connected accounts", ja: "接続済みのアカウントが多すぎます" },
    detail: { en: "No more can be connected to this account. Disconnect one first.", ja: "このアカウントにはこれ以上接続できません。先にどれかの接続を解除してください。" },
  },
  OIDC_FAILED: {
    status: 500,
    title: { en: "Something went wrong on our side", ja: "サーバー側で問題が発生しました" },
    detail: {
      en: "Nobody was signed in, and the failure was recorded. Begin again, or sign in another way.",
      ja: "サインインは行われていません。エラーは記録しました。もう一度始めるか、別の方法でサインインしてください。",
    },
  },
  LAST_WAY_IN: {
    status: 409,
    title: { en: "It is your only way to sign in", ja: "ほかにサインインする方法がありません" },
    detail: {
      en: "Create a password first: ask for a link on the sign-in page, under “Forgot the password?”. Then this can be removed.",
      ja: "先にパスワードを作成してください。サインイン画面の「パスワードを忘れた場合」からリンクを請求できます。その後で解除できます。",
    },
  },
});
