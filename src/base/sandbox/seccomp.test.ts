import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { filterDescriptor, findTools } from "./command.ts";
import { SandboxPool } from "./pool.ts";
import { answers, canFilter, seccompProgram } from "./seccomp.ts";
import { auditArch, judgedCalls, refusedCalls } from "./syscalls.ts";
import type { FilteredArch, Numbers } from "./syscalls.ts";

const machines = Object.keys(auditArch) as FilteredArch[];
const numberOn = (arch: FilteredArch, numbers: Numbers): number | null => numbers[machines.indexOf(arch)]!;

interface Call {
  arch: number;
  number: number;
  args?: number[];
}

/** What the kernel answers: classic BPF, as far as filters may use it. Throws where the kernel would refuse the program. */
function judge(program: Buffer, { arch, number, args = [] }: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, at) => data.writeBigUInt64LE(BigInt(value), 16 + 8 * at));
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const [code, ifTrue, ifFalse, value] = [program.readUInt16LE(8 * at), program[8 * at + 2]!, program[8 * at + 3]!, program.readUInt32LE(8 * at + 4)];
    const jump = (holds: boolean) => void (at += holds ? ifTrue : ifFalse);
    if (code === 0x06) return value;
    if (code === 0x20) {
      assert.equal(value % 4, 0);
      accumulator = data.readUInt32LE(value);
    } else if (code === 0x15) jump(accumulator === value);
    else if (code === 0x35) jump(accumulator >= value);
    else if (code === 0x45) jump((accumulator & value) !== 0);
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error("the program ends without an answer");
}

const refused = answers.refuse(1);

for (const arch of machines) {
  const program = seccompProgram(arch);
  const ask = (number: number, args: number[] = []) => judge(program, { arch: auditArch[arch], number, args });

  test(`on ${arch}, what no child needs is refused, and by that number alone`, () => {
    assert.ok(program.length / 8 < 4096, "the kernel takes no longer ones");
    const numbers = Object.values(refusedCalls).map((one) => numberOn(arch, one)).filter((number) => number !== null);
    assert.ok(numbers.length > 90);
    assert.equal(new Set(numbers).size, numbers.length);
    const judged = Object.values(judgedCalls).map((one) => numberOn(arch, one)!);
    for (let number = 0; number < 600; number += 1) {
      if (!judged.includes(number)) assert.equal(ask(number), numbers.includes(number) ? refused : answers.allow, String(number));
    }
  });

  test(`on ${arch}, a thread is allowed, another process is not`, () => {
    const clone = numberOn(arch, judgedCalls.clone)!;
    assert.equal(ask(clone, [0x3d0f00]), answers.allow);
    // fork, and vfork as posix_spawn does it.
    for (const flags of [17, 0x4111, 0x7e020011]) assert.equal(ask(clone, [flags]), refused, flags.toString(16));
    assert.equal(ask(numberOn(arch, judgedCalls.clone3)!), answers.refuse(38));
    const ioctl = numberOn(arch, judgedCalls.ioctl)!;
    assert.equal(ask(ioctl, [0, 0x5412]), refused);
    // The kernel looks at the low half alone, and so does the filter.
    assert.equal(ask(ioctl, [0, 0x100005412]), refused);
    assert.equal(ask(ioctl, [0, 0x5401]), answers.allow);
  });

  test(`on ${arch}, a call in another machine's numbers ends the process`, () => {
    for (const other of [0x40000003, ...machines.filter((one) => one !== arch).map((one) => auditArch[one])]) {
      assert.equal(judge(program, { arch: other, number: 1 }), answers.killProcess);
    }
    if (arch === "x64") assert.equal(ask(0x40000000 + 41), answers.killProcess);
  });
}

test("the numbers are the kernel's", (t) => {
  const read = (path: string): Map<string, number> | null => {
    try {
      return new Map([...readFileSync(path, "utf8").matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/g)].map(([, name, number]) => [name!, Number(number)]));
    } catch {
      return null;
    }
  };
  const headers = { x64: read("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), arm64: read("/usr/include/asm-generic/unistd.h") };
  if (!headers.x64 || !headers.arm64) return t.skip("the kernel's headers are not on this machine");
  for (const arch of machines) {
    for (const [name, numbers] of Object.entries({ ...refusedCalls, ...judgedCalls })) {
      const known = headers[arch]!.get(name);
      // Headers may be older than a call.
      if (known !== undefined) assert.equal(numberOn(arch, numbers), known, `${name} on ${arch}`);
    }
  }
});

/** What Node can do within nothing but the filter. */
const tries = `
const { connect, createServer } = require("node:net");
const { spawnSync } = require("node:child_process");
const { Worker } = require("node:worker_threads");
const heard = (emitter, event) => new Promise((resolve) => emitter.on(event, () => resolve("done")).on("error", (error) => resolve(error.code)));
(async () => {
  const found = {
    thread: await heard(new Worker("", { eval: true }), "exit"),
    process: spawnSync("/bin/true").error?.code ?? "done",
    connect: await heard(connect(9, "127.0.0.1"), "connect"),
    listen: await heard(createServer().listen(0, "127.0.0.1"), "listening"),
    file: require("node:fs").readFileSync("/etc/hostname") ? "done" : "",
  };
  console.log(JSON.stringify(found));
  process.exit();
})();`;

function runFiltered(bwrap: string, filter: Buffer | null): Promise<{ output: string; errors: string }> {
  const options = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", ...(filter ? ["--seccomp", String(filterDescriptor)] : [])];
  const child = spawn(bwrap, [...options, "--", process.execPath, "-e", tries], { stdio: ["ignore", "pipe", "pipe", "pipe"], timeout: 30_000 });
  const pipe = child.stdio[filterDescriptor] as import("node:net").Socket;
  pipe.on("error", () => {});
  pipe.end(filter ?? "");
  return new Promise((resolve) => {
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout!.on("data", (part: Buffer) => output.push(part));
    child.stderr!.on("data", (part: Buffer) => errors.push(part));
    child.on("error", (error) => resolve({ output: "", errors: error.message }));
    child.on("close", () => resolve({ output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() }));
  });
}

test("bubblewrap puts the filter up: threads and files work, connections and processes do not", async (t) => {
  const { bwrap } = findTools();
  if (bwrap === undefined || !canFilter(process.arch)) return t.skip("this machine has no bubblewrap");
  const open = await runFiltered(bwrap, null);
  if (open.output === "") return t.skip(`bubblewrap does not work on this machine: ${open.errors.slice(0, 200)}`);
  assert.deepEqual(JSON.parse(open.output), { thread: "done", process: "done", connect: "ECONNREFUSED", listen: "done", file: "done" });
  const { output, errors } = await runFiltered(bwrap, seccompProgram(process.arch));
  assert.notEqual(output, "", errors);
  const found = JSON.parse(output);
  assert.deepEqual(found, { thread: "done", process: "EPERM", connect: "EPERM", listen: "EPERM", file: "done" });
});

test("children live within the filter where bubblewrap works", async (t) => {
  const pool = new SandboxPool({ entry: fileURLToPath(new URL("test-worker.ts", import.meta.url)), workersMax: 1, workersIdle: 1, idleMs: 60_000, memoryBytesMax: 256e6, readableDirs: [] });
  try {
    await pool.warm();
    if (pool.level !== "bubblewrap") return t.skip("bubblewrap does not work on this machine");
    assert.equal(pool.filtersCalls, canFilter(process.arch));
    assert.equal((await pool.run("echo", 1, { timeoutMs: 30_000 })).head, 1);
  } finally {
    await pool.close();
  }
});
