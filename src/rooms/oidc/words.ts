/** Mails about the accounts that one signs in with. */
export const oidcWords = {
  en: {
    hello: (name: string) => `Hello ${name},`,
    linked: { subject: "Another account was connected to your Kliv account", text: (title: string, email: string) => `From now on, the ${title} account ${email} signs in to your Kliv account.` },
    unlinked: { subject: "A connected account was removed", text: (title: string, email: string) => `The ${title} account ${email} no longer signs in to your Kliv account.` },
    unknown: "If it was not you, choose a new password at once, look at “Connected accounts” on your account page, and tell the people who run this Kliv.",
  },
  ja: {
    hello: (name: string) => `${name} 様`,
    linked: { subject: "Klivアカウントに別のアカウントが接続されました", text: (title: string, email: string) => `${title}のアカウント（${email}）で、Klivにサインインできるようになりました。` },
    unlinked: { subject: "アカウントの接続が解除されました", text: (title: string, email: string) => `${title}のアカウント（${email}）では、Klivにサインインできなくなりました。` },
    unknown: "お心当たりがない場合は、すぐにパスワードを変更し、アカウントページの「接続済みのアカウント」を確認のうえ、このKlivの運営者にご連絡ください。",
  },
} as const;
