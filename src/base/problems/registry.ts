import { accountChangeProblems } from "./account.ts";
import { accountProblems } from "./accounts.ts";
import { agreementProblems } from "./agreements.ts";
import { attachmentProblems } from "./attachments.ts";
import { auditProblems } from "./audit.ts";
import { chartProblems } from "./charts.ts";
import { databaseProblems } from "./databases.ts";
import { factorProblems } from "./factors.ts";
import { fileProblems } from "./files.ts";
import { formatProblems } from "./formats.ts";
import { generalProblems } from "./general.ts";
import { oidcProblems } from "./oidc.ts";
import { outboundProblems } from "./outbound.ts";
import { previewProblems } from "./previews.ts";
import { queryProblems } from "./queries.ts";
import { questionProblems } from "./questions.ts";
import { reportProblems } from "./reports.ts";
import { ruleProblems } from "./rules.ts";
import { samlProblems } from "./saml.ts";
import { storeProblems } from "./stores.ts";
import { teamProblems } from "./teams.ts";

/** Every error that Kliv answers: one shape, both languages. `docs/problems.md` is generated from it. */
export const problems = {
  ...generalProblems,
  ...accountProblems,
  ...accountChangeProblems,
  ...agreementProblems,
  ...oidcProblems,
  ...attachmentProblems,
  ...auditProblems,
  ...databaseProblems,
  ...factorProblems,
  ...fileProblems,
  ...formatProblems,
  ...previewProblems,
  ...queryProblems,
  ...chartProblems,
  ...questionProblems,
  ...reportProblems,
  ...ruleProblems,
  ...storeProblems,
  ...teamProblems,
  ...outboundProblems,
  ...samlProblems,
};

export type ProblemCode = keyof typeof problems;
