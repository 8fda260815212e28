import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

/*
 * A real S3 server for tests: Debian's radosgw over one monitor and one object store in memory, all on loopback, in a
 * temporary folder. Packages: radosgw ceph-mon ceph-osd ceph-common (apt-get install --no-install-recommends).
 */

export interface S3Server {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const programs = ["radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "monmaptool", "setpriv"];
const startTimeoutMs = 60_000;

/** Why no server can be had here, or false. In the form that a test's `skip` takes. */
export function radosgwMissing(): string | false {
  const missing = programs.filter((program) => !isOnPath(program));
  return missing.length > 0 && `radosgw is not installed here (missing: ${missing.join(", ")}; Debian: radosgw ceph-mon ceph-osd ceph-common)`;
}

/** Starts the server; `stop` ends its processes and removes its folder. */
export async function startRadosgw(): Promise<S3Server> {
  const home = await mkdtemp(join(tmpdir(), "kliv-radosgw-"));
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    await rm(home, { recursive: true, force: true });
  };
  try {
    const [monPort, httpPort] = await freePorts(2);
    const accessKeyId = `KLIV${randomBytes(8).toString("hex").toUpperCase()}`;
    const secretAccessKey = randomBytes(20).toString("hex");
    const cluster = randomUUID();
    const conf = join(home, "ceph.conf");
    await writeFile(conf, configuration({ home, cluster, monPort: monPort!, httpPort: httpPort! }));
    for (const folder of ["mon", "osd", "run"]) await mkdir(join(home, folder));

    await run("monmaptool", ["--create", "--fsid", cluster, "--addv", "a", `[v2:127.0.0.1:${monPort}]`, join(home, "monmap")]);
    await run("ceph-mon", ["-c", conf, "--mkfs", "-i", "a", "--monmap", join(home, "monmap")]);
    children.push(daemon("ceph-mon", ["-c", conf, "-f", "-i", "a"]));
    const store = randomUUID();
    const timed = { timeout: startTimeoutMs };
    await run("ceph", ["-c", conf, "osd", "new", store], timed);
    await run("ceph", ["-c", conf, "osd", "crush", "add", "osd.0", "1", "root=default", "host=one"], timed);
    await run("ceph-osd", ["-c", conf, "-i", "0", "--mkfs", "--osd-uuid", store], timed);
    children.push(daemon("ceph-osd", ["-c", conf, "-f", "-i", "0"]));
    const user = ["user", "create", "--uid=kliv", "--display-name=kliv", `--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`];
    await run("radosgw-admin", ["-c", conf, ...user], timed);
    children.push(daemon("radosgw", ["-c", conf, "-f", "-n", "client.rgw"]));
    const endpoint = `http://127.0.0.1:${httpPort}`;
    await answering(endpoint);
    return { endpoint, accessKeyId, secretAccessKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// The kernel ends it with us, even where we are killed and cannot.
function daemon(program: string, parameters: string[]): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", program, ...parameters], { stdio: "ignore" });
}

function configuration(options: { home: string; cluster: string; monPort: number; httpPort: number }): string {
  const { home, cluster, monPort, httpPort } = options;
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${monPort}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc secure
ms mon cluster mode = crc secure
ms mon service mode = crc secure
run dir = ${home}/run
crash dir = ${home}/run
log file = ${home}/run/$name.log
admin socket =
pid file =
mon data = ${home}/mon
osd data = ${home}/osd
rgw data = ${home}/run
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.02
paxos min wait = 0.01
rgw gc max objs = 8
rgw lc max objs = 4
rgw crypt require ssl = false
rgw frontends = beast endpoint=127.0.0.1:${httpPort}
`;
}

async function answering(endpoint: string): Promise<void> {
  const deadline = AbortSignal.timeout(startTimeoutMs);
  for (;;) {
    try {
      const answer = await fetch(endpoint, { signal: deadline });
      await answer.text();
      if (answer.ok) return;
    } catch (error) {
      if (deadline.aborted) throw error;
    }
    // Waits for another program to listen, which it tells nobody.
    await wait(50, undefined, { signal: deadline });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
