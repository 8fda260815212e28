import type { Server } from "node:http";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { openApp } from "./app.ts";
import type { App } from "./app.ts";
import { systemClock } from "./base/clock.ts";
import type { Clock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import { openControl } from "./base/control.ts";
import { holdHomeEnvironment, markHome } from "./base/environment.ts";
import { claimHome } from "./base/home.ts";
import type { Log } from "./base/log.ts";
import { openLogFiles } from "./base/logfiles.ts";
import { createOutbound } from "./base/outbound/outbound.ts";
import type { WallsSeen } from "./base/sandbox/command.ts";
import { localCertificate, readCertificate } from "./base/tls.ts";
import { startRedirect } from "./http/redirect.ts";
import { createIdempotency } from "./http/idempotency.ts";
import { createServer } from "./http/server.ts";
import { createShell } from "./http/shell.ts";
import { openMetadata } from "./metadata.ts";

export interface Running {
  app: App;
  server: FastifyInstance;
  log: Log;
  /** Stops taking requests, lets those under way end, then stops everything that was started. */
  stop(): Promise<void>;
}

const commandWaitMs = 30_000;
const drainMs = 5_000;

/** Starts everything of one home and resolves when it serves. */
export async function startServer(config: Config, clock: Clock = systemClock): Promise<Running> {
  const claim = await claimHome({ home: config.home, port: config.port, waitMsMax: commandWaitMs });
  const undo: (() => Promise<void> | void)[] = [() => claim.release()];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    holdHomeEnvironment(config.home, config.environment);
    const logs = openLogFiles({ home: config.home, clock, daysKept: config.logDays, bytesMax: config.limits.logBytesMax });
    undo.push(() => logs.close());
    const { log } = logs;
    const outbound = createOutbound({ config, log });
    undo.push(outbound.guard());
    const metadata = await openMetadata({ config, log, attach: false });
    undo.push(() => metadata.close());
    const app = await openApp({ config, postgres: metadata.postgres, outbound, log, clock });
    undo.push(() => app.close());
    markHome(config.home, config.environment);
    const hosts = [...new Set([new URL(config.origin).hostname, "localhost", "127.0.0.1", "::1"])];
    const certificate = config.certificate ? readCertificate(config.certificate) : await localCertificate({ home: config.home, hosts, clock });
    const idempotency = createIdempotency({ postgres: metadata.postgres, clock });
    const server = await createServer({ ...app, config, certificate, log, idempotency, onChange: metadata.postgres.onChange, fallback: createShell(join(import.meta.dirname, "../web/dist")) });
    await server.listen({ port: config.port, host: config.host });
    undo.push(() => closeServer(server));
    if (config.redirectPort !== null) {
      const redirect = await startRedirect({ port: config.redirectPort, host: config.host, origin: config.origin });
      undo.push(() => redirect.close());
    }
    const { checker } = app.rooms;
    const control = await openControl({
      home: config.home,
      handlers: {
        "promise check": ({ ids }: { ids: string[] }, signal) => checker.run({ signal, ...(ids.length > 0 ? { ids } : {}) }),
        "database verify": (_input, signal) => app.rooms.durability.run({ isAll: true, signal }),
        "sandbox show": () => wallsOf(app.pools.query),
      },
    });
    undo.push(() => control.close());
    undo.push(() => checker.close());
    if (config.checks) checker.start();
    log("ready", { port: config.port, pid: process.pid });
    return { app, server, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of a server that nobody has asked for anything yet, too. */
async function wallsOf(pool: App["pools"]["query"]): Promise<WallsSeen> {
  await pool.warm();
  const { level, separateUser, filtersCalls } = pool;
  return { level, separateUser, filtersCalls };
}

// An idle connection would hold the close open for as long as the client likes.
async function closeServer(server: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => (server.server as unknown as Server).closeAllConnections?.(), drainMs);
  await server.close();
  clearTimeout(timer);
}
