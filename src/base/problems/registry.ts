export interface ProblemEntry {
  status: number;
  title: { en: string; ja: string };
  /** What happened, where, and what to do. `{name}` is filled from the problem's values. */
  detail: { en: string; ja: string };
}

function entries<T extends Record<string, ProblemEntry>>(all: T): T {
  return all;
}

/** Every error that Kliv answers, one shape, in both languages. `docs/problems.md` is generated from it. */
export const problems = entries({
  // Any request
  NOT_FOUND: {
    status: 404,
    title: { en: "Not found", ja: "見つかりません" },
    detail: {
      en: "There is nothing here that you may see. Check the address, or sign in as someone who may.",
      ja: "閲覧できるものがここにはありません。URLを確認するか、権限のあるアカウントでサインインしてください。",
    },
  },
  REQUEST_INVALID: {
    status: 400,
    title: { en: "The request is not valid", ja: "リクエストが正しくありません" },
    detail: { en: "{reason}", ja: "リクエストの内容を確認してください：{reason}" },
  },
  INTERNAL: {
    status: 500,
    title: { en: "Something went wrong on our side", ja: "サーバー側で問題が発生しました" },
    detail: {
      en: "The request {request} failed and was recorded. Try again; if it fails again, tell us this number.",
      ja: "リクエスト {request} の処理に失敗し、記録しました。もう一度お試しください。続く場合はこの番号をお知らせください。",
    },
  },
});

export type ProblemCode = keyof typeof problems;
