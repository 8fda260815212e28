import { currentLanguage } from "../words/language.ts";

/** A refusal or failure that the server answered as problem+json, or one of the way there. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly file: string | undefined;
  /** 1-based. */
  readonly line: number | undefined;
  /** 1-based. */
  readonly column: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(body: Partial<Pick<Problem, "status" | "code" | "title" | "detail" | "file" | "line" | "column" | "retryAfterSeconds">>) {
    super(body.detail ?? body.title ?? body.code ?? "");
    this.name = "Problem";
    this.status = body.status ?? 0;
    this.code = body.code ?? "UNKNOWN";
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.file = body.file;
    this.line = body.line;
    this.column = body.column;
    this.retryAfterSeconds = body.retryAfterSeconds;
  }
}

export interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead. */
  bytes?: Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The request outlives the page; browsers allow that for 64 kB at most. */
  keepalive?: boolean;
}

/** Asks the API and resolves to its JSON, or undefined for an answer without a body. Throws Problem. */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { method = "GET", body, bytes, headers = {}, signal, keepalive = false } = options;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      keepalive,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        "Accept-Language": currentLanguage(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(bytes ? { body: bytes } : body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem({ code: "NETWORK" });
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined as T;
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("retry-after"));
  return problemFrom(await response.text(), response.status, Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined);
}

/** A problem from the text of an answer, whatever it is. */
export function problemFrom(text: string, status: number, retryAfterSeconds?: number): Problem {
  try {
    const body = JSON.parse(text) as Record<string, never>;
    if (typeof body["code"] === "string") return new Problem({ ...body, status, retryAfterSeconds });
  } catch {
    // Not ours: a proxy's page, perhaps. The status says what can be said.
  }
  return new Problem({ status, code: status >= 500 ? "SERVER" : "UNKNOWN", retryAfterSeconds });
}

/** The problem in whatever was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (typeof error === "object" && error !== null && "code" in error && "title" in error) return new Problem(error as Partial<Problem>);
  return new Problem({ code: "BROKEN", detail: error instanceof Error ? error.message : String(error) });
}

export const isAborted = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
