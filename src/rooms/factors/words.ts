/** Mails about what protects an account. */
export const factorWords = {
  en: {
    hello: (name: string) => `Hello ${name},`,
    factors: { totp: "one-time codes from an app", passkey: "a passkey" },
    added: { subject: "Two-step verification: something was added", text: (factor: string) => `${factor} can now be used for signing in to your Kliv account.` },
    removed: { subject: "Two-step verification: something was removed", text: (factor: string) => `${factor} can no longer be used for signing in to your Kliv account. You were signed out everywhere else.` },
    last: "Your account is now protected by its password alone.",
    codesRenewed: { subject: "Two-step verification: new recovery codes", text: "New recovery codes were made for your Kliv account. The old ones no longer work." },
    recoveryUsed: {
      subject: "A recovery code was used",
      text: (left: number) => `A recovery code was used for your Kliv account. ${left === 1 ? "One is" : `${left} are`} left; you can make new ones on your account page.`,
    },
    reset: {
      subject: "Two-step verification was turned off",
      text: "The people who run this Kliv have turned off two-step verification for your account, because they were asked to. Your account is now protected by its password alone: please set it up again.",
    },
    guessing: {
      subject: "Somebody may know your password",
      text: "Your password was typed correctly for Kliv, and then five wrong codes of the second step. Nobody got in. If it was you, wait half a minute and try again.",
    },
    unknown: "If it was not you, choose a new password at once and tell the people who run this Kliv.",
  },
  ja: {
    hello: (name: string) => `${name} 様`,
    factors: { totp: "認証アプリのワンタイムコード", passkey: "パスキー" },
    added: { subject: "2段階認証に新しい方法が追加されました", text: (factor: string) => `Klivアカウントのサインインに、${factor}が使えるようになりました。` },
    removed: { subject: "2段階認証の方法が削除されました", text: (factor: string) => `Klivアカウントのサインインに、${factor}は使えなくなりました。ほかの端末ではサインアウトされています。` },
    last: "現在、アカウントはパスワードだけで保護されています。",
    codesRenewed: { subject: "新しいリカバリーコードが作成されました", text: "Klivアカウントの新しいリカバリーコードが作成されました。以前のコードは使えません。" },
    recoveryUsed: {
      subject: "リカバリーコードが使用されました",
      text: (left: number) => `Klivアカウントでリカバリーコードが使用されました。残りは${left}個です。アカウントページで新しいコードを作成できます。`,
    },
    reset: {
      subject: "2段階認証が解除されました",
      text: "ご依頼により、このKlivの運営者がアカウントの2段階認証を解除しました。現在、アカウントはパスワードだけで保護されています。もう一度設定してください。",
    },
    guessing: {
      subject: "パスワードを知られた可能性があります",
      text: "Klivのサインインで正しいパスワードが入力された後、2段階目のコードが5回続けて間違って入力されました。サインインはされていません。ご本人の操作でしたら、30秒ほど待ってからもう一度お試しください。",
    },
    unknown: "お心当たりがない場合は、すぐにパスワードを変更し、このKlivの運営者にご連絡ください。",
  },
} as const;
