import { entries } from "./entry.ts";

/** What people change about their own account. */
export const accountChangeProblems = entries({
  USER_NAME_INVALID: {
    status: 400,
    title: { en: "That cannot be a user name", ja: "このユーザー名は使えません" },
    detail: { en: "A user name has 1 to 100 characters, and no @, line breaks or invisible ones among them.", ja: "ユーザー名は1〜100文字で、@、改行、目に見えない文字は使えません。" },
  },
  USER_NAME_TAKEN: {
    status: 409,
    title: { en: "This user name is taken", ja: "このユーザー名はすでに使われています" },
    detail: { en: "Choose another one; upper and lower case make no difference.", ja: "別のユーザー名にしてください。大文字と小文字は区別されません。" },
  },
  EMAIL_UNCHANGED: {
    status: 409,
    title: { en: "That is your address already", ja: "すでに設定されているメールアドレスです" },
    detail: { en: "Write the new address.", ja: "新しいメールアドレスを入力してください。" },
  },
  EMAIL_CHANGES_TOO_MANY: {
    status: 429,
    title: { en: "Too many changes of address", ja: "メールアドレスの変更が多すぎます" },
    detail: { en: "At most {max} can be begun within an hour. Wait an hour and try again.", ja: "変更の手続きは1時間に {max} 回までです。1時間後にお試しください。" },
  },
});
