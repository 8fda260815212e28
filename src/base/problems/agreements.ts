import { entries } from "./entry.ts";

/** The operator's documents and what people accept of them. */
export const agreementProblems = entries({
  AGREEMENT_NOT_CURRENT: {
    status: 409,
    title: { en: "This version is not the one in force", ja: "現在有効な版ではありません" },
    detail: {
      en: "Version {version} of {kind} cannot be accepted now. Read the version in force at GET /api/v1/agreements and accept that one.",
      ja: "{kind} の版 {version} には現在同意できません。GET /api/v1/agreements で現在の版を確認し、その版に同意してください。",
    },
  },
  AGREEMENT_INVALID: {
    status: 422,
    title: { en: "This document cannot be published", ja: "この文書は公開できません" },
    detail: { en: "{reason}", ja: "{reasonJa}" },
  },
});
