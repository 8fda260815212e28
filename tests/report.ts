/*
 * A reporter for node:test: one JSON line for each test that ended. `node --test-reporter=tests/report.ts file.test.ts`;
 * tests/run.ts reads the lines and speaks to people.
 */
import { inspect } from "node:util";

/** A test that ended; a suite counts only where it was skipped or failed by itself. */
export interface Ended {
  state: "passed" | "failed" | "skipped";
  /** The names from the outermost suite to the test. */
  name: string;
  /** Why it was skipped, or how it failed. */
  text: string;
}

interface TestEvent {
  type: string;
  data: {
    name: string;
    nesting: number;
    skip?: string | boolean;
    todo?: string | boolean;
    details?: { type?: string; error?: Error & { failureType?: string; cause?: unknown } };
  };
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names: string[] = [];
  for await (const { type, data } of events) {
    if (type === "test:start") names.splice(data.nesting, names.length, data.name);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const ended = describe(type, data, [...names.slice(0, data.nesting), data.name].join(" > "));
    if (ended) yield `${JSON.stringify(ended)}\n`;
  }
}

function describe(type: string, data: TestEvent["data"], name: string): Ended | null {
  const { skip, todo, details } = data;
  const isSuite = details?.type === "suite";
  if (skip !== undefined && skip !== false) {
    // Nobody can judge a skip that does not say why.
    return typeof skip === "string" && skip !== "" ? { state: "skipped", name, text: skip } : { state: "failed", name, text: "skipped without a reason" };
  }
  if (todo !== undefined && todo !== false) return { state: "failed", name, text: "left to do" };
  if (type === "test:pass") return isSuite ? null : { state: "passed", name, text: "" };
  const error = details?.error;
  if (isSuite && error?.failureType === "subtestsFailed") return null;
  return { state: "failed", name, text: explain(error) };
}

function explain(error: (Error & { cause?: unknown }) | undefined): string {
  const cause = error?.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : typeof cause === "string" ? cause : inspect(cause);
  // Frames inside Node say nothing about ours.
  return text.split("\n").filter((line) => !/^\s+at .*\bnode:/.test(line)).slice(0, 40).join("\n");
}
