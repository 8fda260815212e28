import { makeOrdersDatabase } from "./orders.ts";
import type { Served } from "./served.ts";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const rows = 20_000;

/** A report with six charts over 20,000 orders, as the bench of pages and pictures wants it. `mark` makes it another one. */
export function sixCharts(database: string, mark: string): object {
  const chart = (i: number, title: string, sql: string, spec: object) => ({
    id: `c${i}`, kind: "chart", title, layout: { x: (i % 2) * 6, y: Math.floor(i / 2) * 7, w: 6, h: 7 }, database, sql: `${sql} -- ${mark}`, chart: spec,
  });
  const x = (field: string, type: string) => ({ field, type });
  const revenue = { field: "revenue", type: "quantitative" };
  return {
    schema: 1, title: `Orders ${mark}`, description: "Six charts over twenty thousand orders.", language: "en", parameters: [],
    blocks: [
      chart(0, "Revenue by month", "SELECT substr(ordered_at, 1, 7) AS month, sum(amount) AS revenue FROM orders GROUP BY 1 ORDER BY 1", { mark: "line", encoding: { x: x("month", "temporal"), y: revenue } }),
      chart(1, "Revenue by product", "SELECT product, sum(amount) AS revenue FROM orders GROUP BY 1 ORDER BY 2 DESC LIMIT 12", { mark: "bar", encoding: { y: x("product", "nominal"), x: revenue } }),
      chart(2, "Orders by month", "SELECT substr(ordered_at, 1, 7) AS month, count(*) AS revenue FROM orders GROUP BY 1 ORDER BY 1", { mark: "area", encoding: { x: x("month", "temporal"), y: revenue } }),
      chart(3, "How amounts spread", "SELECT amount FROM orders LIMIT 2000", { mark: "bar", encoding: { x: { field: "amount", bin: true, type: "quantitative" }, y: { aggregate: "count" } } }),
      chart(4, "Product and year", "SELECT product, substr(ordered_at, 1, 4) AS year, sum(amount) AS revenue FROM orders GROUP BY 1, 2", { mark: "rect", encoding: { x: x("year", "ordinal"), y: x("product", "nominal"), color: revenue } }),
      chart(5, "Share of products", "SELECT product, sum(amount) AS revenue FROM orders GROUP BY 1 ORDER BY 2 DESC LIMIT 6", { mark: "arc", encoding: { theta: revenue, color: x("product", "nominal") } }),
    ],
  };
}

const made = new Map<Served, Promise<{ database: string; report: string; path: string }>>();

/** The report on a server, published for everyone; made when it is first asked for. */
export function publishedReport(served: Served): Promise<{ database: string; report: string; path: string }> {
  let known = made.get(served);
  if (!known) made.set(served, (known = publish(served)));
  return known;
}

async function publish(served: Served): Promise<{ database: string; report: string; path: string }> {
  const folder = mkdtempSync(join(tmpdir(), "kliv-bench-report-"));
  try {
    const file = join(folder, "orders.sqlite");
    makeOrdersDatabase(file, rows);
    const { id: database } = await served.ask<{ id: string }>("POST", `/api/v1/teams/${served.team}/databases?name=few`, {
      body: readFileSync(file), headers: { "x-filename": "few.sqlite", "content-type": "application/vnd.sqlite3" }, expected: 201,
    });
    const { id: report } = await served.ask<{ id: string }>("POST", `/api/v1/teams/${served.team}/reports`, { body: sixCharts(database, "first"), expected: 201 });
    const { url } = await served.ask<{ url: string }>("POST", `/api/v1/reports/${report}/publication`, { body: { visibility: "public" } });
    return { database, report, path: new URL(url).pathname };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
