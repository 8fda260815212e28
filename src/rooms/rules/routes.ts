import { Type } from "typebox";
import { Problem } from "#src/base/problems/problem.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Rules, RuleSet as Rows } from "./rules.ts";
import { Preview, PreviewBody, RuleSet, RulesBody } from "./schema.ts";

const IdParams = Type.Object({ id: Type.String() });

function shown({ number, rules, updatedAt, updatedBy }: Rows): Answer {
  return answer({ headers: { etag: `"${number}"`, "cache-control": "no-store" }, body: { number, rules, updatedAt: updatedAt?.toISOString() ?? null, updatedBy } });
}

/** The number of an If-Match header; without one, or with `*`, whichever is current is replaced. */
function expectedOf({ request }: Pick<Context, "request">): number | undefined {
  const header = request.headers["if-match"]?.trim();
  if (header === undefined || header === "*") return undefined;
  const [, number] = /^(?:W\/)?"(\d{1,9})"$/.exec(header) ?? [];
  if (number === undefined) throw new Problem("REQUEST_INVALID", { values: { reason: "If-Match is not the ETag of rules" } });
  return Number(number);
}

export function rulesRoutes({ rules }: { rules: Rules }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/databases/:id/rules",
      summary: "Who sees which rows of a database; the ETag is the set's number",
      tag: "databases",
      access: { action: "rule:read", of: "database", param: "id" },
      params: IdParams,
      responses: { 200: RuleSet },
      handler: async ({ resource }) => shown(await rules.get(resource.team, resource.id)),
    }),
    route({
      method: "PUT",
      url: "/api/v1/databases/:id/rules",
      summary: "Replace all rules on a database's rows; If-Match with the ETag refuses to overwrite another's change",
      tag: "databases",
      access: { action: "rule:update", of: "database", param: "id" },
      params: IdParams,
      body: RulesBody,
      responses: { 200: RuleSet },
      async handler(context) {
        const { team, id } = context.resource;
        return shown(await rules.update({ team, database: id, rules: context.body.rules, expected: expectedOf(context), by: doerOf(context) }));
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/databases/:id/rules/preview",
      summary: "How many rows of each table a member, or somebody with a role, sees under the saved or the given rules",
      tag: "databases",
      access: { action: "rule:read", of: "database", param: "id" },
      params: IdParams,
      body: PreviewBody,
      responses: { 200: Preview },
      async handler({ resource, body, signal }) {
        return await rules.preview({ team: resource.team, database: resource.id, subject: body.subject, rules: body.rules, signal });
      },
    }),
  ];
}
