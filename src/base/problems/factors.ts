import { entries } from "./entry.ts";

/** Two-step verification. */
export const factorProblems = entries({
  FACTOR_REFUSED: {
    status: 401,
    title: { en: "That code was not accepted", ja: "コードを確認できませんでした" },
    detail: {
      en: "It is wrong, too old, or was used before: each code works once. Wait for the next code of your app, or choose another way.",
      ja: "コードが間違っているか、期限切れか、使用済みです。コードは一度しか使えません。アプリに次のコードが表示されるのを待つか、別の方法を選んでください。",
    },
  },
  SECOND_STEP_EXPIRED: {
    status: 400,
    title: { en: "Please begin again", ja: "最初からやり直してください" },
    detail: {
      en: "The time for the second step is over, or it was done already. Sign in with your password again.",
      ja: "2段階目の制限時間が過ぎたか、すでに完了しています。もう一度パスワードでサインインしてください。",
    },
  },
  FACTOR_SETUP_MISSING: {
    status: 409,
    title: { en: "There is nothing to confirm", ja: "確認する設定がありません" },
    detail: {
      en: "Begin setting up the app again: the code to scan was shown too long ago, or is in use already.",
      ja: "アプリの設定を最初からやり直してください。QRコードの期限が切れたか、すでに設定済みです。",
    },
  },
  FACTOR_CODE_WRONG: {
    status: 422,
    title: { en: "That code is not right", ja: "コードが正しくありません" },
    detail: {
      en: "Type the six digits that the app shows now. If they are refused again, see that the phone's clock is right.",
      ja: "アプリに現在表示されている6桁の数字を入力してください。何度も拒否される場合は、端末の時刻が正しいか確認してください。",
    },
  },
  FACTOR_KEY_OTHER: {
    status: 503,
    title: { en: "One-time codes cannot be checked here", ja: "このサーバーではワンタイムコードを確認できません" },
    detail: {
      en: "This server has another key than the one that made the secret. Use a passkey or a recovery code, and tell the people who run this Kliv: every server needs the same HOME/secrets/factors.",
      ja: "設定時とは別の鍵を持つサーバーです。パスキーまたはリカバリーコードを使い、このKlivの運営者に連絡してください。すべてのサーバーに同じ HOME/secrets/factors が必要です。",
    },
  },
  FACTOR_NONE: {
    status: 409,
    title: { en: "Two-step verification is off", ja: "2段階認証が設定されていません" },
    detail: { en: "Set up an app or a passkey first; recovery codes come with it.", ja: "先に認証アプリまたはパスキーを設定してください。リカバリーコードも同時に発行されます。" },
  },
  PASSKEY_REFUSED: {
    status: 401,
    title: { en: "That passkey was not accepted", ja: "パスキーを確認できませんでした" },
    detail: {
      en: "It belongs to no account here, did not verify you by a finger, face or PIN, or answered too late. Try again, or sign in another way.",
      ja: "このKlivに登録されていないか、指紋・顔・PINによる確認が行われなかったか、時間切れです。もう一度試すか、別の方法でサインインしてください。",
    },
  },
  PASSKEY_NOT_MADE: {
    status: 422,
    title: { en: "The passkey was not added", ja: "パスキーを追加できませんでした" },
    detail: {
      en: "The answer of the browser or the security key cannot be checked, came too late, or the passkey is registered already. Begin again.",
      ja: "ブラウザーまたはセキュリティキーの応答を検証できないか、時間切れか、すでに登録済みのパスキーです。最初からやり直してください。",
    },
  },
  PASSKEYS_FULL: {
    status: 409,
    title: { en: "No more passkeys", ja: "これ以上パスキーを追加できません" },
    detail: { en: "An account has at most {max} passkeys. Remove one first.", ja: "パスキーは1つのアカウントにつき{max}個までです。先にどれかを削除してください。" },
  },
  FACTOR_REQUIRED: {
    status: 403,
    title: { en: "This team requires two-step verification", ja: "このチームでは2段階認証が必須です" },
    detail: {
      en: "Set it up on your account page; it takes a minute. If you have it already, sign in again with it.",
      ja: "アカウントページで2段階認証を設定してください（1分ほどで完了します）。設定済みの場合は、2段階認証でもう一度サインインしてください。",
    },
  },
  OWN_FACTOR_NEEDED: {
    status: 409,
    title: { en: "Set up two-step verification for yourself first", ja: "先にご自身の2段階認証を設定してください" },
    detail: {
      en: "Whoever requires it of a team must have signed in with it, or the team would be closed to them too.",
      ja: "チームに必須とするには、ご自身が2段階認証でサインインしている必要があります。そうでないと、ご自身もチームに入れなくなります。",
    },
  },
  PROOF_NEEDED: {
    status: 403,
    title: { en: "Please confirm that it is you", ja: "ご本人であることを確認してください" },
    detail: {
      en: "This needs your password, a code or a passkey from the last ten minutes. Confirm, or sign in again.",
      ja: "この操作には、10分以内のパスワード、コード、またはパスキーによる確認が必要です。確認するか、もう一度サインインしてください。",
    },
  },
});
