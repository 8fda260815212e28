import { access } from "./en/access.ts";
import { account } from "./en/account.ts";
import { agreements } from "./en/agreements.ts";
import { audit } from "./en/audit.ts";
import { builder } from "./en/builder.ts";
import { catalog } from "./en/catalog.ts";
import { charts } from "./en/charts.ts";
import { databases } from "./en/databases.ts";
import { editor } from "./en/editor.ts";
import { exports } from "./en/exports.ts";
import { factors } from "./en/factors.ts";
import { indexes } from "./en/indexes.ts";
import { previews } from "./en/previews.ts";
import { providers } from "./en/providers.ts";
import { publicdata } from "./en/publicdata.ts";
import { queries } from "./en/queries.ts";
import { reports } from "./en/reports.ts";
import { rules } from "./en/rules.ts";
import { sources } from "./en/sources.ts";
import { sso } from "./en/sso.ts";
import { teams } from "./en/teams.ts";
import { shell } from "./en/shell.ts";

export const en = {
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

/** Every catalog has exactly these words. */
export type Words = typeof en;
