import { Type } from "typebox";
import type { Static } from "typebox";

/** How long a sign-in may take at the provider, and a proven account may wait for the proof of the one that is there. */
export const requestMs = 600_000;
/** Accounts of providers that one person can connect. */
export const identitiesMax = 20;
/** Of the path to which a sign-in leads. */
export const pathCharactersMax = 2_000;

export const ProviderShape = Type.Object({
  name: Type.String(),
  title: Type.String(),
  /** Whether the button carries Google's mark. */
  isGoogle: Type.Boolean(),
  /** Where a browser begins. */
  url: Type.String(),
});

export const IdentityShape = Type.Object({
  id: Type.String(),
  provider: Type.String(),
  title: Type.String(),
  email: Type.String(),
  createdAt: Type.String(),
  lastUsedAt: Type.Union([Type.String(), Type.Null()]),
});
export type IdentityView = Static<typeof IdentityShape>;

/** What a provider has signed for about a person. */
export interface Proven {
  provider: string;
  issuer: string;
  subject: string;
  email: string;
}
