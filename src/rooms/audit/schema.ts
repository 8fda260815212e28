import { Type } from "typebox";

const Maybe = Type.Union([Type.String(), Type.Null()]);

export const AuditEvent = Type.Object({
  id: Type.String(),
  at: Type.String({ format: "date-time" }),
  action: Type.String(),
  /** The name as it is now; null where the person is gone or there is none. */
  actor: Type.Object({ kind: Type.String(), id: Maybe, name: Maybe }),
  resource: Type.Object({ kind: Type.String(), id: Type.String() }),
  requestId: Maybe,
  address: Maybe,
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
});

export const AuditQuery = Type.Object({
  action: Type.Optional(Type.String({ maxLength: 100 })),
  actor: Type.Optional(Type.String({ maxLength: 100 })),
  /** A kind or an id. */
  resource: Type.Optional(Type.String({ maxLength: 100 })),
  /** At or after. */
  since: Type.Optional(Type.String({ format: "date-time" })),
  /** Before. */
  until: Type.Optional(Type.String({ format: "date-time" })),
  /** Anywhere in the action, the resource, the actor's name or the address. */
  q: Type.Optional(Type.String({ maxLength: 100 })),
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$" })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});

export const AuditExportQuery = Type.Object({
  /** The place of an event, from 0: the export begins at the newest checkpoint at or before it. */
  from: Type.Optional(Type.String({ pattern: "^\\d{1,15}$" })),
});

export const Verification = Type.Object({
  ok: Type.Boolean(),
  /** The public key of the installation: verifies the checkpoint and every export. */
  key: Type.String(),
  /** The newest signed checkpoint, as a note; null before the first event. */
  checkpoint: Maybe,
  at: Maybe,
  size: Type.Integer(),
  root: Type.String(),
  checkpoints: Type.Integer(),
  pending: Type.Integer(),
  trouble: Type.Union([Type.Null(), Type.Object({ kind: Type.String(), position: Type.Union([Type.Integer(), Type.Null()]), event: Maybe, reason: Type.String() })]),
});
