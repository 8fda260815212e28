import type { Config } from "#src/base/config.ts";
import type { Log } from "#src/base/log.ts";
import type { Outbound } from "#src/base/outbound/outbound.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { homeKey } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { createConnections } from "./connections.ts";
import type { Connections } from "./connections.ts";
import type { Domains } from "./domains.ts";
import { arrive, arriveUnasked, begin } from "./login.ts";
import type { Arrival, Arrived } from "./login.ts";
import { receiveLogout, signOut } from "./logout.ts";
import type { PeopleParts } from "./people.ts";
import * as store from "./store.ts";

export type { Arrival, Arrived } from "./login.ts";
export type { ConnectionView, Connections, KeyStep } from "./connections.ts";
export { makeKeyPair } from "./keys.ts";
export { createDomains } from "./domains.ts";
export type { Domains } from "./domains.ts";

/** Single sign-on by SAML 2.0: connections to identity providers, the domains whose people they may speak for, and the way in. */
export interface Saml {
  connections: Connections;
  domains: Domains;
  /** Where to send the browser, and the secret that binds the answer to it. Throws NOT_FOUND. */
  begin(options: { connection: string; path: string; browser: string | null }): Promise<{ url: string; browser: string }>;
  /**
   * A provider's answer to `begin`. Throws NOT_FOUND, SAML_REQUEST_INVALID. Refuses with SAML_RESPONSE_INVALID,
   * SAML_RESPONSE_TOO_LARGE, SAML_REPLAYED, SAML_DENIED, SAML_EMAIL_MISSING, SAML_DOMAIN_FOREIGN, SAML_ROLE_MISSING,
   * SAML_KEY_OTHER, and what a guard says.
   */
  arrive(arrival: Arrival): Promise<Arrived>;
  /** Somebody whom a provider sent without being asked. As `arrive`, and throws SAML_UNASKED_REFUSED where that is off. */
  arriveUnasked(arrival: Arrival): Promise<Arrived>;
  /** A message of the provider's about signing out. Gives where to go on to. Throws NOT_FOUND, SAML_LOGOUT_INVALID. */
  receiveLogout(options: { connection: string; query: string; by: Doer }): Promise<string>;
  /** Ends a session; gives the address at which its provider ends its own, or null. */
  signOut(options: { user: string; session: string; by: Doer }): Promise<string | null>;
  sweep(): Promise<void>;
}

export interface SamlParts extends PeopleParts {
  config: Config;
  outbound: Outbound;
  domains: Domains;
  signin: Signin;
  log: Log;
}

export function createSaml(shared: SamlParts): Saml {
  const { config, postgres, domains, signin, clock } = shared;
  const parts = { ...shared, key: () => homeKey(config.home, "saml") };
  const connections = createConnections(parts);
  signin.addGuard(async (tx, { user, method }) => {
    if (method !== "saml" && (await domains.isRequiredFor(tx, user))) throw new Problem("SSO_REQUIRED");
  });
  signin.addElsewhere(domains.isRequiredFor);
  return {
    connections,
    domains,
    begin: (options) => begin(parts, options),
    arrive: (arrival) => arrive(parts, arrival),
    arriveUnasked: (arrival) => arriveUnasked(parts, arrival),
    receiveLogout: (options) => receiveLogout(parts, options),
    signOut: (options) => signOut(parts, options),
    async sweep() {
      await postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, clock.date()));
      await connections.refreshAll();
    },
  };
}
