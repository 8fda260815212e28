import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostedOrders, hostedRows } from "./hosted.ts";
import { measured, median } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { makeOrdersDatabase } from "./orders.ts";
import type { Served } from "./served.ts";

const sql = "SELECT id, ordered_at, product, amount FROM orders WHERE code = :code";
const endless = "WITH RECURSIVE n(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM n) SELECT max(i * i % 7) FROM n";
const connections = 4;
const requestsEach = 600;
const rounds = 3;
/** As many as find room to run and to wait. */
const endlessAtOnce = 12;

export const neighbours: Measurement = {
  name: "neighbours",
  about: `p99 of uncached small queries over ${connections} connections while another team runs queries without an end on all its slots, against the same without it`,
  async measure({ shared, tell }) {
    const { served, id } = await hostedOrders(await shared());
    const neighbour = await makeNeighbour(served);
    const agent = new Agent({ ca: served.ca, keepAlive: true });
    let code = 0;
    const ask = (): Promise<number> => time({ agent, served, token: served.token, database: id, body: { sql, parameters: { code: code++ % hostedRows } } });
    await round(ask);
    const alone: number[] = [];
    const beside: number[] = [];
    for (let nth = 0; nth < rounds; nth++) {
      alone.push(await round(ask));
      const stop = hog({ served, ...neighbour });
      // The hog has its places before anything is measured.
      for (let count = 0; count < 20; count++) await ask();
      beside.push(await round(ask));
      await stop();
    }
    agent.destroy();
    tell(`p99 alone ${alone.map((ms) => ms.toFixed(1)).join(", ")} ms; beside ${beside.map((ms) => ms.toFixed(1)).join(", ")} ms`);
    return measured({ name: "neighbours", value: median(beside), unit: "ms", baseline: median(alone), baselineName: "the same, alone", goal: { of: "ratio", atMost: 3 } });
  },
};

interface Neighbour {
  token: string;
  database: string;
}

async function makeNeighbour(served: Served): Promise<Neighbour> {
  const email = "neighbour@example.com";
  served.kliv("user", "create", "--email", email, "--name", "Neighbour");
  const team = served.kliv("team", "create", "--name", "Neighbour", "--plan", "enterprise", "--owner", email)["id"] ?? "";
  const token = served.kliv("token", "create", "--user", email, "--team", team, "--scope", "all")["token"] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "kliv-bench-neighbour-"));
  try {
    const file = join(folder, "small.sqlite");
    makeOrdersDatabase(file, 1_000);
    const made = await served.ask<{ id: string }>("POST", `/api/v1/teams/${team}/databases?name=small`, {
      body: readFileSync(file), headers: { authorization: `Bearer ${token}`, "x-filename": "small.sqlite", "content-type": "application/vnd.sqlite3" }, expected: 201,
    });
    return { token, database: made.id };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Keeps so many queries without an end going: one that is stopped at its time is asked again. */
function hog({ served, token, database }: Neighbour & { served: Served }): () => Promise<void> {
  const agent = new Agent({ ca: served.ca, keepAlive: true });
  let isOver = false;
  const one = async (start: number): Promise<void> => {
    for (let turn = 0; !isOver; turn++) await time({ agent, served, token, database, body: { sql: endless, parameters: { start: start * 1_000 + turn } } }).catch(() => {});
  };
  const all = Array.from({ length: endlessAtOnce }, (_, start) => one(start));
  return async () => {
    isOver = true;
    // Whoever goes away stops what it asked.
    agent.destroy();
    await Promise.all(all);
  };
}

/** The 99th percentile of a round's answers, in milliseconds. */
async function round(ask: () => Promise<number>): Promise<number> {
  const taken: number[] = [];
  const connection = async (): Promise<void> => {
    for (let nth = 0; nth < requestsEach; nth++) taken.push(await ask());
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return taken.sort((a, b) => a - b)[Math.floor(taken.length * 0.99)] ?? Number.NaN;
}

/** Milliseconds from the first byte sent to the last one received. Rejects unless the answer is 200. */
function time(options: { agent: Agent; served: Served; token: string; database: string; body: object }): Promise<number> {
  const { agent, served, token, database } = options;
  const body = JSON.stringify(options.body);
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({
      agent, host: "localhost", port: served.port, method: "POST", path: `/api/v1/databases/${database}/query`,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) },
    }, (response) => {
      response.resume();
      response.on("end", () => (response.statusCode === 200 ? resolve(performance.now() - startedMs) : reject(new Error(`the query was answered with ${response.statusCode}`))));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
