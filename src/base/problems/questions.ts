import { entries } from "./entry.ts";

/** Questions without SQL. */
export const questionProblems = entries({
  QUESTION_INVALID: {
    status: 422,
    title: { en: "The question is not accepted", ja: "質問を受け付けられません" },
    detail: {
      en: "At {pointer}: {reason}. /api/v1/schemas/question.json describes every question.",
      ja: "{pointer}：{reasonJa}。質問の形式は /api/v1/schemas/question.json にあります。",
    },
  },
  QUESTION_PARAMETER_UNFIT: {
    status: 422,
    title: { en: "A parameter's value does not fit the question", ja: "パラメーターの値が質問に合いません" },
    detail: {
      en: 'The value of "{parameter}" must be {expected}.',
      ja: "「{parameter}」には{expectedJa}を指定してください。",
    },
  },
});
