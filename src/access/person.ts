import { Problem } from "#src/base/problems/problem.ts";
import type { Actor } from "./access.ts";

/** For what concerns an account itself: a token speaks for its person in one team only. Throws SIGNIN_NEEDED, SESSION_NEEDED. */
export function inPerson(actor: Actor | null): Actor {
  if (!actor) throw new Problem("SIGNIN_NEEDED");
  if (actor.kind !== "session") throw new Problem("SESSION_NEEDED");
  return actor;
}
