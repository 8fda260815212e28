/** Mails of the sign-in room. */
export const signinWords = {
  en: {
    changedSubject: "Your password was changed",
    changedText: "A new password was created for your Kliv account with a mailed link. You were signed out everywhere.",
    changedUnknown: "If it was not you, ask for another link on the sign-in page at once, and look after your mailbox: somebody else reads it.",
    linkSubject: "Create your password for Kliv",
    linkHello: "Hello,",
    linkText: "somebody, probably you, asked for a link to create a new password for Kliv with this address. It works once and for one hour:",
    linkButton: "Create a password",
    elsewhereSubject: "Sign in to Kliv with your organization",
    elsewhereText: "somebody, probably you, asked for a link to create a password for Kliv with this address. Your organization signs in by single sign-on, so no password is needed, and none would be accepted.",
    elsewhereButton: "Sign in with SSO",
    linkIgnore: "If it was not you, ignore this mail: nothing changes.",
  },
  ja: {
    changedSubject: "パスワードが変更されました",
    changedText: "メールのリンクから、Klivアカウントの新しいパスワードが設定されました。すべての端末でサインアウトされています。",
    changedUnknown: "お心当たりがない場合は、サインインページからすぐに新しいリンクを請求し、メールボックスの安全もご確認ください。第三者がメールを読んでいるおそれがあります。",
    linkSubject: "Klivのパスワードを作成してください",
    linkHello: "こんにちは。",
    linkText: "このメールアドレスで、Klivの新しいパスワードを作成するリンクが請求されました。次のリンクは一度だけ、1時間以内に使用できます。",
    linkButton: "パスワードを作成",
    elsewhereSubject: "Klivには組織のアカウントでサインインしてください",
    elsewhereText: "このメールアドレスで、Klivのパスワードを作成するリンクが請求されました。所属の組織ではシングルサインオン（SSO）が必須のため、パスワードは不要です（設定しても使用できません）。",
    elsewhereButton: "SSOでサインイン",
    linkIgnore: "お心当たりがない場合は、このメールを破棄してください。何も変更されません。",
  },
} as const;
