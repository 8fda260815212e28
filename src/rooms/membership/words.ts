/** Mails about who owns a team. */
export const membershipWords = {
  en: {
    hello: (name: string) => `Hello ${name},`,
    given: { subject: (team: string) => `You handed over the team ${team}`, text: (team: string, other: string) => `You made ${other} an owner of the team “${team}” on Kliv. You are an administrator of it now.` },
    taken: { subject: (team: string) => `You are an owner of the team ${team} now`, text: (team: string, other: string) => `${other} made you an owner of the team “${team}” on Kliv. You were signed out everywhere: sign in again, and you have an owner's rights.` },
    unknown: "If this surprises you, speak with the people of your team, and choose a new password.",
  },
  ja: {
    hello: (name: string) => `${name} 様`,
    given: { subject: (team: string) => `チーム「${team}」のオーナーを譲りました`, text: (team: string, other: string) => `Klivのチーム「${team}」のオーナーを${other}さんに譲りました。あなたは管理者になりました。` },
    taken: { subject: (team: string) => `チーム「${team}」のオーナーになりました`, text: (team: string, other: string) => `${other}さんから、Klivのチーム「${team}」のオーナーを引き継ぎました。すべての端末でサインアウトされています。もう一度サインインすると、オーナーの権限で利用できます。` },
    unknown: "お心当たりがない場合は、チームの方にご確認のうえ、パスワードを変更してください。",
  },
} as const;
