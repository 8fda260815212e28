import type { Words } from "../en.ts";

export const providers: Words["providers"] = {
  continueWith: (title) => `${title}で続ける`,
  or: "または",
  orMail: "またはメールアドレスで登録",
  title: "接続済みのアカウント",
  text: "これらのアカウントを使うと、パスワードなしでサインインできます。",
  none: "まだありません。",
  connect: (title) => `${title}を接続`,
  connected: (date) => `接続日：${date}`,
  used: (when) => `最終利用：${when}`,
  done: "接続しました。次回からこのアカウントでサインインできます。",
  disconnect: "接続を解除",
  disconnectOf: (title, email) => `${title}（${email}）の接続を解除`,
  disconnectTitle: (title) => `${title}の接続を解除しますか？`,
  disconnectText: "今後このアカウントではサインインできなくなります。現在のサインインはそのまま続きます。いつでも接続し直せます。",
  connecting: "アカウントを接続しています",
  notConnected: "アカウントは接続されていません",
  goOn: "接続せずに進む",
};
