import { entries } from "./entry.ts";

/** Groups, invitations, service accounts, sharing. */
export const teamProblems = entries({
  INVITATION_INVALID: {
    status: 400,
    title: { en: "This invitation cannot be used", ja: "この招待は使用できません" },
    detail: {
      en: "It was used, declined or withdrawn, or is older than seven days. Ask the person who invited you for a new one.",
      ja: "使用済みか、辞退または取り消しされたか、送付から7日を過ぎています。招待した方に、もう一度招待するようご依頼ください。",
    },
  },
  INVITATION_FOR_ANOTHER: {
    status: 409,
    title: { en: "This invitation is for another address", ja: "この招待は別のメールアドレス宛てです" },
    detail: { en: "It was sent to {email}. Sign out, and sign in with the account of that address.", ja: "招待は {email} 宛てに送られました。いったんサインアウトし、そのアドレスのアカウントでサインインしてください。" },
  },
  INVITATION_EXISTS: {
    status: 409,
    title: { en: "Already invited", ja: "すでに招待しています" },
    detail: { en: "Send the invitation again, or withdraw it and invite anew.", ja: "招待を再送するか、取り消してから改めて招待してください。" },
  },
  INVITATIONS_TOO_MANY: {
    status: 429,
    title: { en: "Too many invitations", ja: "招待の数が上限に達しています" },
    detail: {
      en: "A team has at most {pendingMax} open invitations and mails at most {mailsMax} an hour. Withdraw some, or wait an hour.",
      ja: "チームごとに、未回答の招待は最大 {pendingMax} 件、メールの送信は1時間に {mailsMax} 件までです。不要な招待を取り消すか、1時間後にお試しください。",
    },
  },
  OWNER_CHANGE_REFUSED: {
    status: 409,
    title: { en: "Ownership cannot be handed over like this", ja: "オーナーを譲ることができません" },
    detail: { en: "Only an owner hands over, to a member who is no owner yet.", ja: "譲ることができるのはオーナーだけで、譲る相手はまだオーナーでないメンバーに限られます。" },
  },
  SHARE_SUBJECT_UNKNOWN: {
    status: 422,
    title: { en: "Not in this team", ja: "このチームにありません" },
    detail: { en: "The team has no person, group, service account or role {subject}.", ja: "{subject} は、このチームのメンバー、グループ、サービスアカウント、権限のいずれでもありません。" },
  },
  SHARE_LOCKS_OUT: {
    status: 409,
    title: { en: "You would lock yourself out", ja: "ご自身が利用できなくなります" },
    detail: { en: "Share it with yourself too, to edit, or ask an administrator to restrict it.", ja: "ご自身にも編集の権限で共有するか、管理者に制限を依頼してください。" },
  },
  SERVICE_EXISTS: {
    status: 409,
    title: { en: "There is a service account of this name", ja: "同じ名前のサービスアカウントがあります" },
    detail: { en: "Choose another name, or use the one that is there.", ja: "別の名前にするか、既存のものをお使いください。" },
  },
  SERVICES_TOO_MANY: {
    status: 409,
    title: { en: "The team has too many service accounts", ja: "サービスアカウントの数が上限に達しています" },
    detail: { en: "A team has at most {max}. Delete one that is not used.", ja: "1つのチームで作成できるのは最大 {max} 件です。使っていないものを削除してください。" },
  },
  GROUP_EXISTS: {
    status: 409,
    title: { en: "There is a group of this name", ja: "同じ名前のグループがあります" },
    detail: { en: "Choose another name, or use the group that is there.", ja: "別の名前にするか、既存のグループをお使いください。" },
  },
  GROUPS_TOO_MANY: {
    status: 409,
    title: { en: "The team has too many groups", ja: "グループの数が上限に達しています" },
    detail: { en: "A team has at most {max} groups. Delete one that is not used.", ja: "1つのチームで作成できるグループは最大 {max} 件です。使っていないグループを削除してください。" },
  },
});
