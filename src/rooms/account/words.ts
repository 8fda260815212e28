/** Mails about the account itself. */
export const accountWords = {
  en: {
    hello: (name: string) => `Hello ${name},`,
    password: { subject: "Your password was changed", text: "The password of your Kliv account was changed. You were signed out everywhere else." },
    confirmOld: {
      subject: "Confirm the change of your e-mail address",
      text: (email: string) => `Your Kliv account is to have the address ${email} in place of this one. Confirm it here, within a day; the new address is asked too.`,
      button: "Confirm the change",
    },
    confirmNew: { subject: "Confirm your new e-mail address", text: "A Kliv account is to have this address. Confirm it here, within a day; the present address is asked too.", button: "Confirm the address" },
    taken: { subject: "This address has a Kliv account already", text: "Somebody asked to give this address to another Kliv account. It has an account of its own already, so nothing was changed." },
    done: { subject: "Your new e-mail address is in use", text: "Your Kliv account has this address from now on. You were signed out everywhere: sign in with the new address." },
    doneOld: {
      subject: "Your e-mail address was changed",
      text: (email: string) => `Your Kliv account has the address ${email} from now on. If it was not you who changed it, take it back here, within seven days: everybody is signed out, and you choose a new password.`,
      button: "Take the change back",
    },
    reverted: { subject: "The change of your e-mail address was taken back", text: "Your Kliv account has this address again. All sessions and API tokens have ended, and the password is gone: another mail brings the link to a new one." },
    name: { subject: "Your user name was changed", text: (name: string) => `You sign in to Kliv with the user name ${name} from now on, or with your address as before.` },
    unknown: "If it was not you, choose a new password at once and tell the people who run this Kliv.",
    ignore: "If it was not you, ignore this mail: nothing changes.",
  },
  ja: {
    hello: (name: string) => `${name} 様`,
    password: { subject: "パスワードが変更されました", text: "Klivアカウントのパスワードが変更されました。ほかの端末ではサインアウトされています。" },
    confirmOld: {
      subject: "メールアドレスの変更をご確認ください",
      text: (email: string) => `Klivアカウントのメールアドレスを、このアドレスから ${email} に変更する手続きが行われています。1日以内に次のリンクで確認してください。新しいアドレスにも確認のメールをお送りしています。`,
      button: "変更を確認",
    },
    confirmNew: { subject: "新しいメールアドレスをご確認ください", text: "Klivアカウントに、このメールアドレスを設定する手続きが行われています。1日以内に次のリンクで確認してください。現在のアドレスにも確認のメールをお送りしています。", button: "アドレスを確認" },
    taken: { subject: "このアドレスにはすでにKlivアカウントがあります", text: "別のKlivアカウントに、このメールアドレスを設定する手続きが行われました。このアドレスにはすでにアカウントがあるため、何も変更されていません。" },
    done: { subject: "メールアドレスを変更しました", text: "Klivアカウントのメールアドレスは、このアドレスになりました。すべての端末でサインアウトされています。新しいアドレスでサインインしてください。" },
    doneOld: {
      subject: "メールアドレスが変更されました",
      text: (email: string) => `Klivアカウントのメールアドレスは ${email} になりました。お心当たりがない場合は、7日以内に次のリンクで元に戻せます。すべての端末でサインアウトされ、新しいパスワードを決めていただきます。`,
      button: "変更を取り消す",
    },
    reverted: { subject: "メールアドレスの変更を取り消しました", text: "Klivアカウントのメールアドレスは、このアドレスに戻りました。すべてのセッションとAPIトークンは終了し、パスワードは無効になりました。新しいパスワードを決めるリンクを別のメールでお送りします。" },
    name: { subject: "ユーザー名が変更されました", text: (name: string) => `Klivには、今後ユーザー名「${name}」でサインインできます。メールアドレスでのサインインは、これまでどおりです。` },
    unknown: "お心当たりがない場合は、すぐに新しいパスワードを設定し、運営者にご連絡ください。",
    ignore: "お心当たりがない場合は、このメールを破棄してください。何も変更されません。",
  },
} as const;
