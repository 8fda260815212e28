import { AsyncLocalStorage } from "node:async_hooks";
import type { Tx } from "./postgres/postgres.ts";

/** What a request made: the kind and the id of the thing. */
export interface Made {
  kind: string;
  id: string;
}

type Mark = (tx: Tx, made: Made) => Promise<void>;

const underWay = new AsyncLocalStorage<Mark>();

/** Does a request's work so that what it makes is written down, by `mark`, in the very transaction that makes it. */
export function doOnce<T>(mark: Mark, work: () => Promise<T>): Promise<T> {
  return underWay.run(mark, work);
}

/** Says, in the transaction that makes it, what is being made. Does nothing for a request that nobody repeats. */
export async function markMade(tx: Tx, made: Made): Promise<void> {
  await underWay.getStore()?.(tx, made);
}
