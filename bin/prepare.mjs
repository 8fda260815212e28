/*
 * Brings a clone to where it can run: node_modules as package-lock.json says, web/dist as the sources say.
 * Runs on the machine's own Node (20 or newer) and uses nothing but what Node brings.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 20;
const waitMs = 200;
const outputCharactersMax = 3_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const lock = at(".prepare.lock");
const installedStamp = at("node_modules/.kliv-installed");
const builtStamp = at("node_modules/.kliv-built");
const nodeProgram = at("node_modules/node/bin/node");
/** Everything the web build reads: its own folder and the rooms it shares with the server. */
const webSources = ["web", "src/rooms/charts", "src/rooms/reports", "src/base/markdown.ts", "package-lock.json"];
const notSources = new Set(["dist", "node_modules", "goldens"]);

class Refusal extends Error {}

/** The lockfile's hash with the platform: node_modules of another system does not fit this one. */
const lockfileHash = () => hash([`${process.platform} ${process.arch}`, readFileSync(at("package-lock.json"))]);

function hash(parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part).update("\0");
  return sum.digest("hex");
}

const readOr = (file, other) => (existsSync(file) ? readFileSync(file, "utf8") : other);

function isInstalled() {
  if (!existsSync(nodeProgram)) return false;
  if (readOr(installedStamp, "") === lockfileHash()) return true;
  if (!isLockfileInstalled()) return false;
  writeFileSync(installedStamp, lockfileHash());
  return true;
}

// npm writes its own list into node_modules as the last step of an install: a developer's `npm install` counts too.
function isLockfileInstalled() {
  const listed = at("node_modules/.package-lock.json");
  if (!existsSync(listed)) return false;
  const { packages: there } = JSON.parse(readFileSync(listed, "utf8"));
  const { packages: wanted } = JSON.parse(readFileSync(at("package-lock.json"), "utf8"));
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/") || entry.link) return true;
    const found = there[path];
    return found ? found.version === entry.version && found.integrity === entry.integrity : entry.optional === true;
  });
}

function sourcesHash() {
  const parts = [];
  const take = (path) => {
    if (statSync(at(path)).isDirectory()) {
      for (const entry of readdirSync(at(path)).sort()) if (!notSources.has(entry)) take(join(path, entry));
    } else if (!path.endsWith(".test.ts")) {
      parts.push(path, readFileSync(at(path)));
    }
  };
  for (const path of webSources) if (existsSync(at(path))) take(path);
  return hash(parts);
}

const isBuilt = () => existsSync(at("web/dist/index.html")) && readOr(builtStamp, "") === sourcesHash();

async function install() {
  say("Installing packages (npm ci) ...");
  const want = lockfileHash();
  rmSync(installedStamp, { force: true });
  // Also where NODE_ENV says production: the web app is built here.
  const words = ["ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional", "--loglevel=error"];
  const { status, output } = await npm(words);
  if (status !== 0) throw new Refusal(`The packages could not be installed (npm ci, exit ${status}).${whyNot(output)}\n${output}`);
  if (!existsSync(nodeProgram)) {
    throw new Refusal("The packages are installed, but not the Node.js that Kliv runs on: npm did not run the install script of the package `node`.\nIs `ignore-scripts` set in your npm configuration? Then: npm rebuild node --ignore-scripts=false");
  }
  writeFileSync(installedStamp, want);
}

async function build() {
  say("Building the web app ...");
  const want = sourcesHash();
  rmSync(builtStamp, { force: true });
  const { status, output } = await npm(["run", "build", "-w", "web"]);
  if (status !== 0) throw new Refusal(`The web app could not be built (npm run build -w web, exit ${status}).\n${output}`);
  writeFileSync(builtStamp, want);
}

function whyNot(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|ENOTCACHED|network/.test(output)) {
    return " The registry cannot be reached: is this machine offline? The first start needs it once.";
  }
  if (/ENOSPC/.test(output)) return " The disk is full.";
  if (/EACCES|EPERM/.test(output)) return ` ${root} must be writable for you.`;
  return "";
}

let running = null;

function npm(words) {
  const path = (process.env.PATH ?? "").split(":").filter((one) => one !== at("node_modules/.bin"));
  const NODE_ENV = words[0] === "ci" ? "development" : "production";
  return new Promise((resolve, reject) => {
    running = spawn("npm", words, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PATH: path.join(":"), NODE_ENV } });
    let output = "";
    const take = (chunk) => {
      output = (output + chunk).slice(-outputCharactersMax);
    };
    running.stdout.on("data", take);
    running.stderr.on("data", take);
    running.on("error", (error) => reject(new Refusal(`npm could not be started: ${error.message}. Kliv needs Node.js ${nodeMajorMin} or newer with npm.`)));
    running.on("close", (status, signal) => {
      running = null;
      resolve({ status: status ?? signal, output: output.trim() });
    });
  });
}

// The lock is a folder that already holds its owner's pid when it gets its name; renaming onto a full folder fails.
async function takeLock() {
  const mine = `${lock}.${process.pid}`;
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine);
  writeFileSync(join(mine, "owner"), JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }));
  for (let told = false; ; ) {
    try {
      renameSync(mine, lock);
      return;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code)) throw error;
    }
    const owner = readOwner();
    if (owner && startOf(owner.pid) === owner.startedAt) {
      if (!told) say(`Waiting for another start that is installing or building (process ${owner.pid}) ...`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    } else {
      removeStale(owner);
    }
  }
}

function readOwner() {
  try {
    return JSON.parse(readFileSync(join(lock, "owner"), "utf8"));
  } catch {
    return null;
  }
}

// Moved aside first: of two that find the same leftover, one moves it and the other finds nothing.
function removeStale(owner) {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  const moved = JSON.parse(readOr(join(aside, "owner"), "null"));
  if (moved && owner && moved.pid !== owner.pid) renameSync(aside, lock);
  else rmSync(aside, { recursive: true, force: true });
}

// The process's start beside its pid, because pids come around again. Null when there is no such process.
function startOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    if (process.platform === "linux") return null;
  }
  try {
    process.kill(pid, 0);
    return "alive";
  } catch {
    return null;
  }
}

function releaseLock() {
  rmSync(`${lock}.${process.pid}`, { recursive: true, force: true });
  if (readOwner()?.pid === process.pid) rmSync(lock, { recursive: true, force: true });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

async function prepare() {
  if (Number(process.versions.node.split(".")[0]) < nodeMajorMin) {
    throw new Refusal(`Kliv needs Node.js ${nodeMajorMin} or newer to install itself; this is ${process.version} (${process.execPath}).`);
  }
  if (isInstalled() && isBuilt()) return;
  await takeLock();
  // Another process may have done it while this one waited.
  if (!isInstalled()) await install();
  if (!isBuilt()) await build();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    const leave = () => {
      releaseLock();
      process.exit(130);
    };
    if (!running) return leave();
    running.on("close", leave);
    running.kill("SIGTERM");
  });
}

try {
  await prepare();
} catch (error) {
  say(error instanceof Refusal ? error.message : error.stack);
  process.exitCode = 1;
} finally {
  releaseLock();
}
