import about from "../../package.json" with { type: "json" };
import { escapeText } from "#src/base/escape.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { describeApi } from "./openapi.ts";
import { makePage, sendPage } from "./page.ts";
import type { Page, PageFiles } from "./page.ts";
import { route } from "./routes.ts";
import type { Route } from "./routes.ts";
import { docsWords } from "./words.ts";

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  "x-access": { public?: string; signedIn?: boolean; action?: string; roles?: string[]; scope?: string };
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

interface Described {
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
}

/** The API's pages for people, made from the very routes that serve it. */
export function docsRoutes(options: { routes: () => Route[]; config: { origin: string }; files: PageFiles }): Route[] {
  // The routes do not change while the server runs.
  const pages: Partial<Record<Language, Page>> = {};
  const pageOf = (language: Language): Page => {
    const say = docsWords[language];
    const described = JSON.parse(JSON.stringify(describeApi(options.routes(), about.version))) as Described;
    return (pages[language] ??= makePage(options.files, { language, title: say.title, description: say.intro, current: "docs", body: docsBody({ described, language, origin: options.config.origin }) }));
  };
  return [
    route({
      method: "GET",
      url: "/api/docs",
      summary: "This API, for people",
      tag: "operation",
      access: { public: "the interface is documented for everyone" },
      responses: { 200: "text/html" },
      isPage: true,
      handler: ({ language, request }) => sendPage(request, pages[language] ?? pageOf(language)),
    }),
  ];
}

function docsBody({ described, language, origin }: { described: Described; language: Language; origin: string }): string {
  const say = docsWords[language];
  const all = Object.entries(described.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const tags = described.tags.map(({ name }) => name);
  return [
    `<div class="docs"><header><h1>${say.title}</h1><p>${say.intro}</p>`,
    `<p>${say.machine} <a href="/api/v1/openapi.json">openapi.json</a>, <a href="/api/v1/schemas/report.json">report.json</a>, <a href="/api/v1/schemas/chart.json">chart.json</a>, <a href="/api/v1/schemas/question.json">question.json</a></p>`,
    `<h2>${say.start}</h2><ol>${say.steps.map((step) => `<li>${step}</li>`).join("")}</ol><pre tabindex="0"><code>${escapeText(example(origin))}</code></pre>`,
    `<h2>${say.rules}</h2><ul>${say.ruleItems.map((item) => `<li>${item}</li>`).join("")}</ul></header>`,
    `<nav class="docs-contents" aria-label="${say.contents}"><ul>${tags.map((tag) => `<li><a href="#${tag}">${escapeText(say.tags[tag] ?? tag)}</a></li>`).join("")}</ul></nav>`,
    ...tags.map((tag) => `<section id="${tag}"><h2>${escapeText(say.tags[tag] ?? tag)}</h2>${all.filter(({ operation }) => operation.tags.includes(tag)).map((one) => operationHtml(one, language)).join("")}</section>`),
    "</div>",
  ].join("");
}

const example = (origin: string): string => `TOKEN=kliv_...
curl --cacert .kliv/ca.pem ${origin}/api/v1/me -H "Authorization: Bearer $TOKEN"

curl --cacert .kliv/ca.pem ${origin}/api/v1/databases/$DATABASE/query \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"sql": "select count(*) from Invoice where Total > :least", "parameters": {"least": 5}}'`;

function operationHtml({ path, method, operation }: { path: string; method: string; operation: Operation }, language: Language): string {
  const say = docsWords[language];
  const { parameters, requestBody, responses } = operation;
  const rows = parameters.map((one) => `<tr><th scope="row"><code>${escapeText(one.name)}</code></th><td>${one.in === "path" ? say.inPath : say.inQuery}${one.required ? "" : `, ${say.optional}`}</td><td><code>${escapeText(briefly(one.schema))}</code></td></tr>`);
  return [
    `<details class="operation" id="${escapeText(operation.operationId)}"><summary><span class="method method-${method}">${method.toUpperCase()}</span> <code>${escapeText(path)}</code> <span>${escapeText(operation.summary)}</span></summary>`,
    `<p class="quiet">${escapeText(accessText(operation["x-access"], language))}</p>`,
    rows.length > 0 ? `<h3>${say.parameters}</h3><div class="kliv-table" tabindex="0"><table><tbody>${rows.join("")}</tbody></table></div>` : "",
    requestBody ? `<h3>${say.body}</h3>${contentHtml(requestBody.content)}` : "",
    `<h3>${say.responses}</h3>`,
    ...Object.entries(responses).filter(([status]) => status !== "default").map(([status, { content }]) => `<p><code>${status}</code></p>${content ? contentHtml(content) : ""}`),
    "</details>",
  ].join("");
}

function accessText(access: Operation["x-access"], language: Language): string {
  const say = docsWords[language];
  if (access.public !== undefined) return say.open;
  if (access.signedIn) return say.signedIn;
  return say.needs(access.action ?? "", (access.roles ?? []).join(", "), access.scope === "read");
}

function contentHtml(content: Record<string, { schema: unknown }>): string {
  return Object.entries(content)
    .map(([type, { schema }]) => (type.endsWith("json") ? `<pre tabindex="0"><code>${escapeText(JSON.stringify(schema, null, 2))}</code></pre>` : `<p><code>${escapeText(type)}</code></p>`)).join("");
}

/** A parameter's schema in a few words of JSON Schema. */
function briefly(schema: Record<string, unknown>): string {
  const { anyOf, const: only, type, pattern, maxLength } = schema as { anyOf?: Record<string, unknown>[]; const?: unknown; type?: string; pattern?: string; maxLength?: number };
  if (anyOf) return anyOf.map(briefly).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  return [type, pattern, maxLength === undefined ? "" : `≤ ${maxLength}`].filter(Boolean).join(" ");
}
