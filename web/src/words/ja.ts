import type { Words } from "./en.ts";
import { access } from "./ja/access.ts";
import { account } from "./ja/account.ts";
import { agreements } from "./ja/agreements.ts";
import { audit } from "./ja/audit.ts";
import { builder } from "./ja/builder.ts";
import { catalog } from "./ja/catalog.ts";
import { charts } from "./ja/charts.ts";
import { databases } from "./ja/databases.ts";
import { editor } from "./ja/editor.ts";
import { exports } from "./ja/exports.ts";
import { factors } from "./ja/factors.ts";
import { indexes } from "./ja/indexes.ts";
import { previews } from "./ja/previews.ts";
import { providers } from "./ja/providers.ts";
import { publicdata } from "./ja/publicdata.ts";
import { queries } from "./ja/queries.ts";
import { reports } from "./ja/reports.ts";
import { rules } from "./ja/rules.ts";
import { sources } from "./ja/sources.ts";
import { sso } from "./ja/sso.ts";
import { teams } from "./ja/teams.ts";
import { shell } from "./ja/shell.ts";

export const ja: Words = {
  ...shell,
  access,
  account,
  agreements,
  audit,
  builder,
  catalog,
  charts,
  databases,
  editor,
  exports,
  factors,
  indexes,
  previews,
  providers,
  publicdata,
  queries,
  reports,
  rules,
  sources,
  sso,
  teams,
};
