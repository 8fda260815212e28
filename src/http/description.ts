import { Type } from "typebox";
import about from "../../package.json" with { type: "json" };
import { Problem, problemBody } from "#src/base/problems/problem.ts";
import { problems } from "#src/base/problems/registry.ts";
import type { ProblemCode } from "#src/base/problems/registry.ts";
import { describeApi } from "./openapi.ts";
import { answer, route } from "./routes.ts";
import type { Route } from "./routes.ts";

/** The routes that say how the server is and what its API looks like. `ready` throws when it cannot serve. */
export function descriptionRoutes(options: { routes: () => Route[]; ready: () => Promise<void> }): Route[] {
  let text: string | null = null;
  const State = Type.Object({ state: Type.String() });
  return [
    route({
      method: "GET",
      url: "/healthz",
      summary: "Whether the process is alive",
      tag: "operation",
      access: { public: "for the load balancer; tells nothing else" },
      responses: { 200: State },
      handler: () => ({ state: "alive" }),
    }),
    route({
      method: "GET",
      url: "/readyz",
      summary: "Whether it can serve: its stores answer",
      tag: "operation",
      access: { public: "for the load balancer; tells nothing else" },
      responses: { 200: State },
      async handler() {
        await options.ready();
        return { state: "ready" };
      },
    }),
    route({
      // For what a page is told of by its address alone: after a walk through another site there is no answer to read it from.
      method: "GET",
      url: "/api/v1/problems/:code",
      summary: "What an error's code means, in the reader's language",
      tag: "operation",
      access: { public: "the list of all of them is part of the documentation" },
      params: Type.Object({ code: Type.String({ maxLength: 100 }) }),
      responses: { 200: Type.Object({ code: Type.String(), title: Type.String(), detail: Type.String() }) },
      handler({ params, language }) {
        if (!Object.hasOwn(problems, params.code)) throw new Problem("NOT_FOUND");
        return problemBody(new Problem(params.code as ProblemCode), language);
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/openapi.json",
      summary: "This description",
      tag: "operation",
      access: { public: "the interface is documented for everyone" },
      responses: { 200: "application/json" },
      handler() {
        text ??= JSON.stringify(describeApi(options.routes(), about.version));
        return answer({ headers: { "content-type": "application/json; charset=utf-8", "cache-control": "public, max-age=300" }, body: text });
      },
    }),
  ];
}
