import { holdHomeEnvironment } from "#src/base/environment.ts";
import { findHolder, claimHome } from "#src/base/home.ts";
import type { Config } from "#src/base/config.ts";
import { systemClock } from "#src/base/clock.ts";
import { silentLog } from "#src/base/log.ts";
import { createMail } from "#src/base/mail.ts";
import { createOutbound } from "#src/base/outbound/outbound.ts";
import { createPeople } from "#src/rooms.ts";
import { openMetadata } from "#src/metadata.ts";
import { holdAuditKey, openAuditKeys } from "#src/rooms/audit/audit.ts";

export interface Command {
  noun: string;
  verb: string;
  summary: string;
  /** Names of the flags that take a value, with what they mean. */
  flags: Record<string, { about: string; required?: boolean }>;
  /** Words after the verb, as in `promise check TLS-1 TLS-2`. */
  words?: string;
  run(call: Call): Promise<number | void>;
}

export interface Call {
  config: Config;
  flags: Record<string, string>;
  words: string[];
  /** Prints a result: JSON with --json, else the text. */
  print(result: unknown, text: string): void;
}

/** What the operator does on the machine itself, in the audit log. */
export const operator = { kind: "operator", user: null } as const;

/** The metadata of a home for one command: a running server's database, or its own for as long as the command takes. */
export async function withMetadata<T>(
  config: Config,
  work: (parts: ReturnType<typeof createPeople> & { postgres: Awaited<ReturnType<typeof openMetadata>>["postgres"] }) => Promise<T>,
): Promise<T> {
  const holder = config.databaseUrl === null ? findHolder(config.home) : null;
  const isServed = holder !== null && holder.port !== null;
  const claim = isServed || config.databaseUrl !== null ? null : await claimHome({ home: config.home, port: null, waitMsMax: 30_000 });
  try {
    holdHomeEnvironment(config.home, config.environment);
  } catch (error) {
    claim?.release();
    throw error;
  }
  const metadata = await openMetadata({ config, log: silentLog, attach: isServed });
  try {
    const { postgres } = metadata;
    await holdAuditKey(postgres, openAuditKeys(config.home));
    const outbound = createOutbound({ config, log: silentLog });
    const people = createPeople({ config, postgres, mail: createMail({ config, clock: systemClock, outbound }), outbound, clock: systemClock });
    return await work({ ...people, postgres });
  } finally {
    await metadata.close();
    claim?.release();
  }
}
