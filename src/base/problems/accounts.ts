import { entries } from "./entry.ts";

/** People, teams, sessions and tokens. */
export const accountProblems = entries({
  LINK_INVALID: {
    status: 400,
    title: { en: "This link cannot be used", ja: "このリンクは使用できません" },
    detail: {
      en: "It was used already, has expired or is not one of ours. Ask for a new one on the sign-up page.",
      ja: "使用済みか、有効期限切れか、正しくないリンクです。登録ページから新しいリンクを請求してください。",
    },
  },
  PASSWORD_REFUSED: {
    status: 422,
    title: { en: "Choose another password", ja: "別のパスワードを選んでください" },
    detail: {
      en: "A password has 8 to 128 characters and is not one of the well-known ones. {reason}",
      ja: "パスワードは8文字以上128文字以内で、よく知られたものは使えません。{reasonJa}",
    },
  },
  SIGNIN_FAILED: {
    status: 401,
    title: { en: "Sign-in failed", ja: "サインインできませんでした" },
    detail: {
      en: "The name or the password is not right. You can ask for a link to make a new password.",
      ja: "ユーザー名またはパスワードが正しくありません。新しいパスワードを作成するリンクを請求できます。",
    },
  },
  SIGNIN_LOCKED: {
    status: 429,
    title: { en: "Too many failed attempts", ja: "失敗が続いたためロックされています" },
    detail: { en: "Wait {seconds} seconds and try again.", ja: "{seconds} 秒待ってからもう一度お試しください。" },
  },
  SESSION_NEEDED: {
    status: 403,
    title: { en: "Not with an API token", ja: "APIトークンではできない操作です" },
    detail: {
      en: "Only a person who is signed in may do this: a token that came into other hands must not be able to outlive its end.",
      ja: "サインインした本人だけができる操作です。第三者の手に渡ったトークンが、失効後も使われることを防ぐためです。",
    },
  },
  EMAIL_INVALID: {
    status: 400,
    title: { en: "That is not an e-mail address", ja: "メールアドレスの形式が正しくありません" },
    detail: { en: "Write it as name@example.com.", ja: "name@example.com の形式で入力してください。" },
  },
  USER_EXISTS: {
    status: 409,
    title: { en: "There is an account with this address", ja: "このメールアドレスのアカウントはすでにあります" },
    detail: { en: "Use another address, or send that account a new link.", ja: "別のアドレスを使うか、そのアカウントに新しいリンクを送ってください。" },
  },
  USER_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such account", ja: "アカウントが見つかりません" },
    detail: { en: "No account has the address {email}.", ja: "{email} のアカウントはありません。" },
  },
  TEAM_NOT_FOUND: {
    status: 404,
    title: { en: "There is no such team", ja: "チームが見つかりません" },
    detail: { en: "No team has the id {team}.", ja: "ID が {team} のチームはありません。" },
  },
  LAST_OWNER: {
    status: 409,
    title: { en: "A team needs an owner", ja: "チームには所有者が必要です" },
    detail: { en: "Make someone else an owner first.", ja: "先に別のメンバーを所有者にしてください。" },
  },
  MEMBER_EXISTS: {
    status: 409,
    title: { en: "Already a member", ja: "すでにメンバーです" },
    detail: { en: "Change the role in the list of members instead.", ja: "役割の変更はメンバー一覧から行ってください。" },
  },
});
