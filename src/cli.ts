import { parseArgs } from "node:util";
import { readConfig } from "./base/config.ts";
import { findHolder } from "./base/home.ts";
import { Problem, problemBody } from "./base/problems/problem.ts";
import type { Call, Command } from "./commands/command.ts";

/** Each noun's commands are loaded when they are called: `kliv user create` needs no web server in memory. */
async function loadCommands(noun: string | undefined): Promise<Command[]> {
  const all: Record<string, () => Promise<Command[]>> = {
    start: async () => [(await import("./commands/start.ts")).startCommand],
    user: async () => (await import("./commands/people.ts")).peopleCommands,
    team: async () => (await import("./commands/people.ts")).peopleCommands,
    token: async () => (await import("./commands/people.ts")).peopleCommands,
    agreement: async () => (await import("./commands/agreements.ts")).agreementCommands,
    database: async () => (await import("./commands/databases.ts")).databaseCommands,
    log: async () => (await import("./commands/logs.ts")).logCommands,
    subprocessor: async () => (await import("./commands/subprocessors.ts")).subprocessorCommands,
    sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommands,
    promise: async () => (await import("./commands/promises.ts")).promiseCommands,
    audit: async () => (await import("./commands/audit.ts")).auditCommands,
    domain: async () => (await import("./commands/domains.ts")).domainCommands,
    generate: async () => [(await import("./commands/generate.ts")).generateCommand],
  };
  if (noun !== undefined && noun in all) return await (all[noun] as () => Promise<Command[]>)();
  const loaded = await Promise.all(Object.values(all).map((load) => load()));
  return [...new Set(loaded.flat())];
}

const commonFlags = {
  home: { type: "string" }, port: { type: "string" }, "staff-port": { type: "string" }, environment: { type: "string" },
  "no-sample": { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" },
} as const;

async function main(argv: string[]): Promise<number> {
  const [noun, second] = argv;
  if (noun === undefined || noun === "help" || noun === "--help") return await help();
  const commands = await loadCommands(noun);
  const command = commands.find((one) => one.noun === noun && (one.verb === "" || one.verb === second));
  if (!command) return await wrongUse(`kliv ${argv.slice(0, 2).join(" ")} is not a command`);
  const words = argv.slice(command.verb === "" ? 1 : 2);
  let parsed;
  try {
    const own = Object.fromEntries(Object.keys(command.flags).map((name) => [name, { type: "string" as const }]));
    parsed = parseArgs({ args: words, options: { ...own, ...commonFlags }, allowPositionals: command.words !== undefined, strict: true });
  } catch (error) {
    return await wrongUse((error as Error).message);
  }
  const values = parsed.values as Record<string, string | boolean | undefined>;
  if (values.help) return await help();
  const missing = Object.entries(command.flags).find(([name, flag]) => flag.required && values[name] === undefined);
  if (missing) return await wrongUse(`--${missing[0]} is needed: ${missing[1].about}`);
  const call: Call = {
    config: readConfig(withRunningPort(values) as never),
    flags: Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string")),
    words: parsed.positionals,
    print: (result, text) => void process.stdout.write(`${values.json ? JSON.stringify(result) : text}\n`),
  };
  return (await command.run(call)) ?? 0;
}

// A command beside a running server speaks of that server's address.
function withRunningPort(values: Record<string, string | boolean | undefined>): typeof values {
  const { home, port } = readConfig(values as never);
  const holder = findHolder(home);
  return holder?.port && holder.port !== port ? { ...values, port: String(holder.port) } : values;
}

async function help(): Promise<number> {
  const commands = await loadCommands(undefined);
  const lines = commands.map((command) => {
    const flags = Object.entries(command.flags).map(([name, flag]) => (flag.required ? ` --${name} X` : ` [--${name} X]`));
    return `  kliv ${[command.noun, command.verb].filter(Boolean).join(" ")}${command.words ? ` [${command.words}]` : ""}${flags.join("")}\n      ${command.summary}`;
  });
  process.stdout.write(`${["Usage:", ...lines, "", "Everywhere: --home DIR, --port N, --staff-port N, --environment development|staging|production, --json", "With start: --no-sample"].join("\n")}\n`);
  return 0;
}

async function wrongUse(reason: string): Promise<number> {
  process.stderr.write(`${reason}\nSee: kliv help\n`);
  return 2;
}

// 0 done, 1 refused or failed, 2 wrong usage.
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Problem) {
    const language = Intl.DateTimeFormat().resolvedOptions().locale.startsWith("ja") ? "ja" : "en";
    const { title, detail, code } = problemBody(error, language) as { title: string; detail: string; code: string };
    process.stderr.write(`${title} (${code}): ${detail}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  process.exitCode = 1;
}
