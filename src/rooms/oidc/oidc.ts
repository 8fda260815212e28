import { createHmac } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import { describeError } from "#src/base/log.ts";
import type { Log } from "#src/base/log.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Outbound } from "#src/base/outbound/outbound.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { hashSecret, openText, sealText } from "#src/base/secrets.ts";
import type { Audit, Doer } from "#src/rooms/audit/audit.ts";
import type { Factors } from "#src/rooms/factors/factors.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import { isEmail } from "#src/rooms/teams/teams.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { linkLetter } from "./letters.ts";
import { createProvider } from "./provider.ts";
import type { Claims, Flow, Provider } from "./provider.ts";
import { identitiesMax, requestMs } from "./schema.ts";
import type { IdentityView, Proven } from "./schema.ts";
import * as store from "./store.ts";

const dayMs = 86_400_000;

/** Who changes their own ways in, in which session: it has to have been proven lately. */
export interface Person {
  user: string;
  session: string;
}

export interface Begun {
  /** At the provider. */
  url: URL;
  /** For the browser's cookie: whoever comes back must bring it. */
  browser: string;
}

export interface Arrival {
  provider: string;
  /** The address that the browser came back to, with all that the provider put there. */
  url: URL;
  browser: string | null;
  /** Who is signed in already, in person. */
  user: string | null;
  agent: string;
  language: Language;
  by: Doer;
}

type Finished =
  | { kind: "signed-in"; secret: string; user: UserRow }
  | { kind: "linked" }
  /** The account that is there has to be proven first, in this browser; `link` does the rest. */
  | { kind: "link-needed" };

/** `path` is where the person wanted to go. */
export type Arrived = { path: string } & (Finished | { kind: "refused"; problem: Problem; isLinking: boolean });

export interface Oidc {
  /** The providers of the configuration, in its order. */
  providers(): { name: string; title: string; isGoogle: boolean }[];
  /** Begins a sign-in, or the linking of the account of `person`. Throws NOT_FOUND for a provider that is none, OIDC_UNAVAILABLE, PROOF_NEEDED. */
  begin(options: { provider: string; path: string; browser: string | null; person?: Person }): Promise<Begun>;
  /**
   * Ends what `begin` began: signs in, makes the account at the first time, or links. Throws NOT_FOUND, OIDC_REQUEST_INVALID.
   * Refuses with OIDC_DENIED, OIDC_ANSWER_INVALID, OIDC_UNAVAILABLE, OIDC_EMAIL_UNVERIFIED, OIDC_ADDRESS_DIFFERS,
   * OIDC_IDENTITY_TAKEN, OIDC_IDENTITIES_TOO_MANY, OIDC_FAILED, and what a guard says.
   */
  arrive(options: Arrival): Promise<Arrived>;
  /** Links what this browser has proven to the account that has been proven since. Throws OIDC_REQUEST_INVALID, PROOF_NEEDED, and as `arrive`. */
  link(options: Person & { browser: string | null; by: Doer }): Promise<IdentityView>;
  identities(options: { user: string; before?: string | undefined; limit: number }): Promise<(IdentityView & { id: string })[]>;
  /** Throws NOT_FOUND, LAST_WAY_IN, PROOF_NEEDED. */
  unlink(options: Person & { identity: string; by: Doer }): Promise<void>;
  sweep(): Promise<void>;
}

export interface OidcParts {
  config: Config;
  postgres: Postgres;
  teams: Teams;
  factors: Factors;
  signin: Signin;
  audit: Audit;
  mail: Mail;
  clock: Clock;
  log: Log;
  outbound: Outbound;
}

type Inner = OidcParts & { providers: Map<string, Provider> };

export function createOidc(parts: OidcParts): Oidc {
  const { config, postgres, clock } = parts;
  const inner: Inner = { ...parts, providers: new Map(config.providers.map((settings) => [settings.name, createProvider(settings, parts)])) };
  return {
    providers: () => config.providers.map(({ name, title, issuer }) => ({ name, title, isGoogle: issuer === "https://accounts.google.com" })),
    begin: (options) => begin(inner, options),
    arrive: (options) => arrive(inner, options),
    link: (options) => link(inner, options),
    identities: async ({ user, ...page }) => (await postgres.transaction({ user }, (tx) => store.listIdentities(tx, { user, ...page }))).map((row) => viewIdentity(inner, row)),
    unlink: (options) => unlink(inner, options),
    sweep: () => postgres.transaction({ operator: true }, (tx) => store.deleteOld(tx, new Date(clock.now() - dayMs))),
  };
}

function getProvider({ providers }: Inner, name: string): Provider {
  const found = providers.get(name);
  if (!found) throw new Problem("NOT_FOUND");
  return found;
}

const redirectUri = ({ config }: Inner, provider: string): string => `${config.origin}/signin/oidc/${provider}/callback`;

/** Nonce, verifier and the path's key come from the browser's secret and the state: the database alone is of no use to a thief. */
const derive = (browser: string, state: string, what: "nonce" | "verifier" | "path"): Buffer => createHmac("sha256", browser).update(`${what} ${state}`).digest();

function flowOf(browser: string, state: string): Flow {
  return { state, nonce: derive(browser, state, "nonce").toString("base64url"), verifier: derive(browser, state, "verifier").toString("base64url") };
}

async function begin(inner: Inner, { provider: name, path, browser: known, person }: Parameters<Oidc["begin"]>[0]): Promise<Begun> {
  const { postgres, signin, clock } = inner;
  const provider = getProvider(inner, name);
  const user = person?.user ?? null;
  if (person) await postgres.transaction({ user }, (tx) => signin.standing.holdProof(tx, person.session));
  // Several tabs of one browser may be on their way at once.
  const browser = known ?? newSecret("kliv_browser");
  const state = newSecret("kliv_state");
  const url = await provider.authorizationUrl(flowOf(browser, state), redirectUri(inner, name));
  await postgres.transaction({ user }, (tx) =>
    store.insertRequest(tx, {
      state_hash: hashSecret(state), browser_hash: hashSecret(browser), provider: name, user_id: user,
      // It may hold the secret of a mailed link.
      sealed_path: sealText(derive(browser, state, "path"), path, name),
      created_at: clock.date(), expires_at: new Date(clock.now() + requestMs),
    }),
  );
  return { url, browser };
}

async function arrive(inner: Inner, arrival: Arrival): Promise<Arrived> {
  const { postgres, clock, log } = inner;
  const { browser, url, user } = arrival;
  const provider = getProvider(inner, arrival.provider);
  const state = url.searchParams.get("state");
  if (browser === null || state === null) throw new Problem("OIDC_REQUEST_INVALID");
  const request = await postgres.transaction({}, (tx) =>
    store.takeRequest(tx, { stateHash: hashSecret(state), browserHash: hashSecret(browser), provider: arrival.provider, now: clock.date() }),
  );
  // Linking ends in the session of the person who began it.
  if (!request || (request.user_id !== null && request.user_id !== user)) throw new Problem("OIDC_REQUEST_INVALID");
  const path = openText(derive(browser, state, "path"), request.sealed_path, arrival.provider);
  try {
    const address = new URL(redirectUri(inner, arrival.provider));
    address.search = url.search;
    const claims = await provider.prove(flowOf(browser, state), address);
    return { path, ...(await finish(inner, { arrival, request, claims })) };
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem("OIDC_FAILED", { cause: error });
    if (problem.status >= 500) log("failure", { request: arrival.by.requestId ?? "", code: problem.code, ...describeError(problem.options.cause ?? error) });
    return { kind: "refused", problem, path, isLinking: request.user_id !== null };
  }
}

async function finish(inner: Inner, { arrival, request, claims }: { arrival: Arrival; request: store.RequestRow; claims: Claims }): Promise<Finished> {
  const proven: Proven = { provider: arrival.provider, issuer: claims.issuer, subject: claims.subject, email: claims.email?.trim() ?? "" };
  const { user_id: user } = request;
  if (user === null) return await enter(inner, { arrival, request, claims, proven });
  holdVerified(claims);
  await inner.postgres.transaction({ user }, (tx) => linkIn(inner, tx, { proven, user, by: arrival.by }));
  await tell(inner, "linked", { user, told: titled(inner, proven) });
  return { kind: "linked" };
}

function holdVerified({ email, isEmailVerified }: Claims): void {
  if (email === null || !isEmailVerified) throw new Problem("OIDC_EMAIL_UNVERIFIED");
  if (!isEmail(email.trim())) throw new Problem("EMAIL_INVALID");
}

/** Lets the person in whom the provider has proven, and makes the account at the first time. */
async function enter(inner: Inner, { arrival, request, claims, proven }: { arrival: Arrival; request: store.RequestRow; claims: Claims; proven: Proven }): Promise<Finished> {
  const { postgres, teams, signin, audit, clock } = inner;
  const { agent, by } = arrival;
  const team = newId("team", clock);
  const known = await postgres.transaction({}, (tx) => store.findIdentity(tx, proven));
  // Reaches the person, so that the guards of a sign-in see their teams.
  return await postgres.transaction({ teams: [team], user: known?.user_id ?? null }, async (tx) => {
    await store.lockSubject(tx, proven);
    const identity = await store.findIdentity(tx, proven);
    let user = identity && (await teams.findUser(tx, identity.user_id));
    if (identity) await store.touchIdentity(tx, identity.id, clock.date());
    if (!user) {
      holdVerified(claims);
      if (await teams.findUserByEmail(tx, proven.email)) {
        // An address alone takes over no account: its own way in has to be shown first.
        await store.keepProven(tx, request.state_hash, { proven, expiresAt: new Date(clock.now() + requestMs) });
        return { kind: "link-needed" };
      }
      user = await teams.createUser(tx, { email: proven.email, name: nameOf(claims), language: languageOf(claims.locale) ?? arrival.language });
      const doer = { ...by, user: user.id };
      await audit.record(tx, { team: null, action: "user:create", by: doer, resource: { kind: "user", id: user.id }, facts: { method: "oidc" } });
      await teams.createTeamIn(tx, { id: team, name: user.name, plan: "free", owner: user.id, by: doer });
      await addIdentity(inner, tx, { proven, user: user.id, by: doer, isUsed: true });
    }
    // The provider asks for what it thinks right, a second factor too: nothing is asked for again here.
    const { secret } = await signin.letIn(tx, { user, method: "oidc", hasFactor: true, agent, by });
    return { kind: "signed-in", secret, user };
  });
}

/** The name that the provider tells, or what stands before the @. */
function nameOf({ name, email }: Claims): string {
  const isSeen = (name ?? "").replace(/[\p{Cc}\p{Cf}]/gu, "").trim() !== "";
  return isSeen ? (name ?? "") : ((email ?? "").split("@")[0] ?? "");
}

function languageOf(locale: string | null): Language | null {
  const base = locale?.split(/[-_]/)[0]?.toLowerCase();
  return base === "ja" || base === "en" ? base : null;
}

async function link(inner: Inner, { browser, user, session, by }: Parameters<Oidc["link"]>[0]): Promise<IdentityView> {
  const { postgres, signin, clock } = inner;
  if (browser === null) throw new Problem("OIDC_REQUEST_INVALID");
  const identity = await postgres.transaction({ user }, async (tx) => {
    await signin.standing.holdProof(tx, session);
    const proven = await store.takeProven(tx, { browserHash: hashSecret(browser), now: clock.date() });
    if (!proven) throw new Problem("OIDC_REQUEST_INVALID");
    return await linkIn(inner, tx, { proven, user, by });
  });
  await tell(inner, "linked", { user, told: titled(inner, identity) });
  return viewIdentity(inner, identity);
}

/** Both are proven, the provider's account and ours; they belong together where their addresses do. */
async function linkIn(inner: Inner, tx: Tx, { proven, user: id, by }: { proven: Proven; user: string; by: Doer }): Promise<store.IdentityRow> {
  await store.lockSubject(tx, proven);
  await store.lockUser(tx, id);
  const user = await inner.teams.findUserByEmail(tx, proven.email);
  if (user?.id !== id) throw new Problem("OIDC_ADDRESS_DIFFERS");
  const there = await store.findIdentity(tx, proven);
  if (there && there.user_id !== id) throw new Problem("OIDC_IDENTITY_TAKEN");
  return there ?? (await addIdentity(inner, tx, { proven, user: id, by, isUsed: false }));
}

async function addIdentity({ audit, clock }: Inner, tx: Tx, { proven, user, by, isUsed }: { proven: Proven; user: string; by: Doer; isUsed: boolean }): Promise<store.IdentityRow> {
  if ((await store.countIdentities(tx, user)) >= identitiesMax) throw new Problem("OIDC_IDENTITIES_TOO_MANY");
  const row: store.IdentityRow = {
    id: newId("ident", clock), user_id: user, issuer: proven.issuer, subject: proven.subject, provider: proven.provider, email: proven.email,
    created_at: clock.date(), last_used_at: isUsed ? clock.date() : null,
  };
  await store.insertIdentity(tx, row);
  await audit.record(tx, { team: null, action: "identity:create", by, resource: { kind: "user", id: user }, facts: { provider: proven.provider } });
  return row;
}

async function unlink(inner: Inner, { user: id, session, identity, by }: Parameters<Oidc["unlink"]>[0]): Promise<void> {
  const { postgres, teams, factors, signin, audit, config } = inner;
  const left = await postgres.transaction({ user: id }, async (tx) => {
    await signin.standing.holdProof(tx, session);
    // Two at once must not each leave the other as the last.
    await store.lockUser(tx, id);
    const user = await teams.findUser(tx, id);
    const deleted = await store.deleteIdentity(tx, { user: id, id: identity });
    if (!user || !deleted) throw new Problem("NOT_FOUND");
    // An account of a provider that the operator has taken away leads nowhere.
    const hasOther = user.password_hash !== null || (await store.countIdentities(tx, id, config.providers.map(({ issuer }) => issuer))) > 0 || (await factors.kindsOf(tx, id)).includes("passkey");
    if (!hasOther) throw new Problem("LAST_WAY_IN");
    await audit.record(tx, { team: null, action: "identity:delete", by, resource: { kind: "user", id }, facts: { provider: deleted.provider } });
    return deleted;
  });
  await tell(inner, "unlinked", { user: id, told: titled(inner, left) });
}

/** Who connects or disconnects unseen is told of by mail. */
async function tell({ postgres, teams, mail, log }: Inner, occasion: "linked" | "unlinked", { user, told }: { user: string; told: { title: string; email: string } }): Promise<void> {
  const person = await postgres.transaction({ user }, (tx) => teams.findUser(tx, user));
  // What was done is done, whether its letter can be sent or not.
  if (person) await mail.send({ to: person.email, ...linkLetter(occasion, person, told) }).catch((error: unknown) => log("letter not sent", describeError(error)));
}

function titled({ config }: Inner, { provider, issuer, email }: Proven): { title: string; email: string } {
  // The operator may call it otherwise by now.
  const found = config.providers.find((one) => one.name === provider) ?? config.providers.find((one) => one.issuer === issuer);
  return { title: found?.title ?? provider, email };
}

function viewIdentity(inner: Inner, row: store.IdentityRow): IdentityView {
  return {
    id: row.id, provider: row.provider, ...titled(inner, row), createdAt: row.created_at.toISOString(), lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
