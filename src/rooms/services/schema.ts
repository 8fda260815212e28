import { Type } from "typebox";

export const serviceLimits = { servicesMax: 200, nameCharactersMax: 100 };

const Role = Type.Union([Type.Literal("admin"), Type.Literal("editor"), Type.Literal("viewer")]);

export const Service = Type.Object({
  id: Type.String(), name: Type.String(), role: Role, tokens: Type.Integer(), createdBy: Type.Union([Type.String(), Type.Null()]), createdAt: Type.String(),
  lastUsedAt: Type.Union([Type.String(), Type.Null()]),
});
export const ServiceBody = Type.Object({ name: Type.String({ minLength: 1, maxLength: serviceLimits.nameCharactersMax }), role: Role }, { additionalProperties: false });
