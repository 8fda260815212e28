import { createRequire } from "node:module";

export interface Request {
  method: "GET" | "POST";
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

interface Client {
  setRequests(requests: Request[]): void;
}

interface Result {
  "2xx": number;
  non2xx: number;
  errors: number;
  duration: number;
  requests: { total: number };
}

type Autocannon = (options: {
  url: string;
  connections: number;
  amount?: number;
  duration?: number;
  requests?: Request[];
  setupClient?(client: Client): void;
  sampleInt?: number;
  tlsOptions?: object;
}) => Promise<Result>;

// It comes without types.
const autocannon = createRequire(import.meta.url)("autocannon") as Autocannon;

export const connections = 16;

/**
 * Sends a number of requests over 16 connections and answers how many were served a second. `requestsOf` gives each
 * connection's own; without an `amount` they are repeated for `seconds`. Throws where one was not answered with 2xx.
 */
export async function load(options: { port: number; ca: Buffer; requestsOf(connection: number): Request[]; amount?: number; seconds?: number }): Promise<number> {
  const { port, ca, amount, seconds } = options;
  let connection = 0;
  const result = await autocannon({
    url: `https://localhost:${port}`,
    connections,
    requests: options.requestsOf(0).slice(0, 1),
    setupClient: (client) => client.setRequests(options.requestsOf(connection++)),
    sampleInt: 50,
    tlsOptions: { ca },
    ...(amount === undefined ? { duration: seconds ?? 3 } : { amount }),
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} of ${result.requests.total} requests were refused, ${result.errors} failed`);
  return result["2xx"] / result.duration;
}
