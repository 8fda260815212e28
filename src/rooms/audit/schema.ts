import { Type } from "typebox";

export const AuditEvent = Type.Object({
  id: Type.String(),
  at: Type.String({ format: "date-time" }),
  action: Type.String(),
  actor: Type.Object({ kind: Type.String(), id: Type.Union([Type.String(), Type.Null()]) }),
  resource: Type.Object({ kind: Type.String(), id: Type.String() }),
  requestId: Type.Union([Type.String(), Type.Null()]),
  address: Type.Union([Type.String(), Type.Null()]),
  facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
});

export const AuditQuery = Type.Object({
  action: Type.Optional(Type.String({ maxLength: 100 })),
  actor: Type.Optional(Type.String({ maxLength: 100 })),
  since: Type.Optional(Type.String({ format: "date-time" })),
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$" })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
});
