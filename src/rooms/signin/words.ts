/** Mails of the sign-in room. */
export const signinWords = {
  en: {
    linkSubject: "Create your password for Kliv",
    linkHello: "Hello,",
    linkText: "somebody, probably you, asked for a link to create a new password for Kliv with this address. It works once and for one hour:",
    linkButton: "Create a password",
    linkIgnore: "If it was not you, ignore this mail: nothing changes.",
  },
  ja: {
    linkSubject: "Klivのパスワードを作成してください",
    linkHello: "こんにちは。",
    linkText: "このメールアドレスで、Klivの新しいパスワードを作成するリンクが請求されました。次のリンクは一度だけ、1時間以内に使用できます。",
    linkButton: "パスワードを作成",
    linkIgnore: "お心当たりがない場合は、このメールを破棄してください。何も変更されません。",
  },
} as const;
