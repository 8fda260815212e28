import type { Clock } from "#src/base/clock.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import * as store from "./store.ts";

const failuresMax = 5;
const lockMs = 30_000;
const dayMs = 86_400_000;

export interface Lock {
  /**
   * Counts an attempt before it is looked at, under a row lock: of many guesses at once at most five are evaluated.
   * `account` is a hash, of an account that exists or of what was typed. Throws SIGNIN_LOCKED with the seconds left.
   */
  claim(account: string): Promise<void>;
  /** The same in a transaction that does nothing else but look the account up. */
  claimIn(tx: Tx, account: string): Promise<void>;
  /** The attempt was right: the account's failures are forgotten. In the transaction that lets the person in. */
  clear(tx: Tx, account: string): Promise<void>;
  /**
   * The attempt was right and the person is not in yet: it alone is taken back. Wrong codes that came before still count,
   * so that who has the password cannot begin the count anew with it.
   */
  release(tx: Tx, account: string): Promise<void>;
  /** Whether the account is locked and its person is to be told so: once a day. */
  isToBeTold(account: string): Promise<boolean>;
}

/** Five failures in a row lock an account for 30 seconds, on every node: the count stands in PostgreSQL. */
export function createLock({ postgres, clock }: { postgres: Postgres; clock: Clock }): Lock {
  const claimIn = async (tx: Tx, account: string): Promise<void> => {
    const row = await store.lockFailures(tx, account, clock.date());
    const now = clock.now();
    const lockedUntilMs = row.locked_until?.getTime() ?? 0;
    if (lockedUntilMs > now) {
      const seconds = Math.ceil((lockedUntilMs - now) / 1_000);
      throw new Problem("SIGNIN_LOCKED", { values: { seconds }, retryAfterSeconds: seconds });
    }
    const failures = lockedUntilMs > 0 ? 1 : row.failures + 1;
    await store.setFailures(tx, {
      account_hash: account, failures, failed_at: clock.date(), locked_until: failures >= failuresMax ? new Date(now + lockMs) : null,
    });
  };
  return {
    claim: (account) => postgres.transaction({}, (tx) => claimIn(tx, account)),
    claimIn,
    clear: (tx, account) => store.setFailures(tx, { account_hash: account, failures: 0, failed_at: clock.date(), locked_until: null }),
    async release(tx, account) {
      const { failures, failed_at } = await store.lockFailures(tx, account, clock.date());
      await store.setFailures(tx, { account_hash: account, failures: Math.max(failures - 1, 0), failed_at, locked_until: null });
    },
    isToBeTold: (account) => postgres.transaction({}, (tx) => store.takeTelling(tx, account, { now: clock.date(), before: new Date(clock.now() - dayMs) })),
  };
}
