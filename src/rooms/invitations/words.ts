import type { Role } from "#src/access/access.ts";

/** Mails of invitations. */
export const invitationWords = {
  en: {
    subject: (team: string) => `You are invited to the team ${team} on Kliv`,
    hello: "Hello,",
    text: (inviter: string | null, team: string, role: string) => `${inviter ?? "An administrator"} invites you to the team “${team}” on Kliv, as ${role}. There the team turns its data into reports.`,
    days: "The link is for this address only, works once, and for seven days:",
    button: "See the invitation",
    ignore: "If you do not know this team, ignore this mail or decline the invitation: nothing changes.",
    roles: { owner: "an owner", admin: "an administrator", editor: "an editor", viewer: "a viewer" } satisfies Record<Role, string>,
  },
  ja: {
    subject: (team: string) => `Klivのチーム「${team}」に招待されています`,
    hello: "こんにちは。",
    text: (inviter: string | null, team: string, role: string) => `${inviter === null ? "管理者" : `${inviter}さん`}から、Klivのチーム「${team}」に${role}として招待されています。チームのデータとレポートを一緒に利用できます。`,
    days: "次のリンクはこのメールアドレス専用で、7日以内に1回だけ使用できます。",
    button: "招待を確認",
    ignore: "このチームにお心当たりがない場合は、メールを破棄するか、招待を辞退してください。何も変更されません。",
    roles: { owner: "オーナー", admin: "管理者", editor: "編集者", viewer: "閲覧者" } satisfies Record<Role, string>,
  },
} as const;
