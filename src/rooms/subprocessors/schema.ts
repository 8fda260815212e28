import { Type } from "typebox";
import type { Static } from "typebox";

const Words = Type.Object({ en: Type.String(), ja: Type.String() });

/** A third party, as everyone may see it. */
export const Subprocessor = Type.Object({
  /** The adapter by which it is reached, as `mail`. */
  name: Type.String(),
  purpose: Words,
  /** All that is sent to it. */
  fields: Type.Array(Words),
  /** `in-use`: set up on this installation; `on-demand`: used where a team sets it up; `not-in-use`. */
  state: Type.Union([Type.Literal("in-use"), Type.Literal("on-demand"), Type.Literal("not-in-use")]),
  /** Where: the hosts of the configuration, by the name of who keeps them. */
  hosts: Type.Array(Type.String()),
  /** In use, at a host of the operator's own network. */
  isOwnNetwork: Type.Boolean(),
});
export type Subprocessor = Static<typeof Subprocessor>;
