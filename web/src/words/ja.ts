import type { Words } from "./en.ts";
import { account } from "./ja/account.ts";
import { agreements } from "./ja/agreements.ts";
import { audit } from "./ja/audit.ts";
import { charts } from "./ja/charts.ts";
import { databases } from "./ja/databases.ts";
import { editor } from "./ja/editor.ts";
import { factors } from "./ja/factors.ts";
import { providers } from "./ja/providers.ts";
import { queries } from "./ja/queries.ts";
import { reports } from "./ja/reports.ts";
import { rules } from "./ja/rules.ts";
import { teams } from "./ja/teams.ts";
import { shell } from "./ja/shell.ts";

export const ja: Words = { ...shell, account, agreements, audit, providers, factors, databases, queries, charts, reports, editor, rules, teams };
