import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import nodemailer from "nodemailer";
import type { Clock } from "./clock.ts";
import { isLoopbackHost } from "./config.ts";
import type { Config } from "./config.ts";
import { newId } from "./ids.ts";
import type { Outbound } from "./outbound/outbound.ts";

const connectTimeoutMs = 10_000;

export interface Letter {
  to: string;
  subject: string;
  text: string;
  html: string;
}

export interface Mail {
  send(letter: Letter): Promise<void>;
  /** Whether letters land in HOME/mail instead of going out. */
  isLocal: boolean;
  /** The newest letters on disk, as raw messages. */
  recent(limit: number): { name: string; raw: string }[];
}

/** Out through the operator's server with TLS verified; without one, into HOME/mail as .eml files. */
export function createMail({ config, clock, outbound }: { config: Config; clock: Clock; outbound: Pick<Outbound, "connect"> }): Mail {
  const folder = join(config.home, "mail");
  const compose = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  const out = config.smtpUrl ? nodemailer.createTransport(smtpOptions(config.smtpUrl, outbound)) : null;
  return {
    isLocal: out === null,
    async send(letter) {
      const message = { from: config.mailFrom, date: clock.date(), ...letter };
      if (out) return void (await out.sendMail(message));
      const { message: raw } = (await compose.sendMail(message)) as unknown as { message: Buffer };
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, `${newId("mail", clock)}.eml`);
      writeFileSync(`${file}.new`, raw, { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    },
    recent(limit) {
      let names: string[];
      try {
        names = readdirSync(folder);
      } catch {
        return [];
      }
      return names.filter((name) => name.endsWith(".eml")).sort().reverse().slice(0, limit).map((name) => ({ name, raw: readFileSync(join(folder, name), "utf8") }));
    },
  };
}

// Plain or unverified SMTP exists only toward this machine itself.
function smtpOptions(address: string, outbound: Pick<Outbound, "connect">): Record<string, unknown> {
  const url = new URL(address);
  const isLocal = isLoopbackHost(url.hostname);
  const host = url.hostname;
  const port = Number(url.port || (url.protocol === "smtps:" ? 465 : 587));
  return {
    host, port, secure: url.protocol === "smtps:", requireTLS: !isLocal,
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: !isLocal },
    ...(url.username ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } } : {}),
    connectionTimeout: connectTimeoutMs, socketTimeout: 20_000,
    // The library would resolve the name itself and connect to an address, which is in no register.
    getSocket: (_: unknown, done: (error: Error | null, options?: { connection: Socket }) => void) => {
      outbound.connect("mail", { host, port, timeoutMs: connectTimeoutMs }).then((connection) => done(null, { connection }), done);
    },
  };
}
