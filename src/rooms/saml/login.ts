import { createHmac } from "node:crypto";
import type { Clock } from "#src/base/clock.ts";
import type { Config } from "#src/base/config.ts";
import { newSecret } from "#src/base/ids.ts";
import type { Log } from "#src/base/log.ts";
import { describeError } from "#src/base/log.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { hashSecret, openText, sealText } from "#src/base/secrets.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import type { UserRow } from "#src/rooms/teams/teams.ts";
import { messageBytesMax } from "./gate.ts";
import type { Said } from "./assertion.ts";
import { addressesOf, partiesOf } from "./parties.ts";
import { admit } from "./people.ts";
import type { PeopleParts } from "./people.ts";
import * as store from "./store.ts";
import type { ConnectionRow } from "./store.ts";
import { SamlDenial, newMessageId, requestMs, requestUrl, verifyResponse } from "./verify.ts";
import type { Parties } from "./verify.ts";
import { XmlError } from "./xml.ts";

export interface LoginParts extends PeopleParts {
  config: Config;
  signin: Signin;
  log: Log;
  clock: Clock;
  key(): Buffer;
}

/** What a browser brought to one of the two places where providers send people. */
export interface Arrival {
  connection: string;
  message: string;
  relayState: string | null;
  browser: string | null;
  agent: string;
  language: Language;
  by: Doer;
}

export type Arrived = { kind: "signed-in"; secret: string; expiresAt: Date; openedAt: Date; user: UserRow; path: string } | { kind: "refused"; problem: Problem; path: string };

/** The connection, if it is there and in use. Throws NOT_FOUND. */
export async function getConnection({ postgres }: Pick<LoginParts, "postgres">, id: string): Promise<ConnectionRow> {
  const connection = await postgres.transaction({ slug: id }, (tx) => store.findConnection(tx, id));
  if (!connection?.is_enabled) throw new Problem("NOT_FOUND");
  return connection;
}

/** The path may hold the secret of a mailed link: it opens only with what the browser and the provider bring back. */
const pathKey = (browser: string, relayState: string): Buffer => createHmac("sha256", browser).update(`path ${relayState}`).digest();

/** Begins a sign-in at the provider, in one browser. */
export async function begin(parts: LoginParts, options: { connection: string; path: string; browser: string | null }): Promise<{ url: string; browser: string }> {
  const { config, postgres, clock } = parts;
  const connection = await getConnection(parts, options.connection);
  const browser = options.browser ?? newSecret("kliv_browser");
  const relayState = newSecret("kliv_relay");
  const id = newMessageId();
  const parties = await postgres.transaction({ teams: [connection.team_id] }, async (tx) => {
    await store.insertRequest(tx, {
      id, connection_id: connection.id, team_id: connection.team_id, kind: "login", relay_hash: hashSecret(relayState), browser_hash: hashSecret(browser),
      sealed_path: sealText(pathKey(browser, relayState), options.path, connection.id),
      created_at: clock.date(), expires_at: new Date(clock.now() + requestMs),
    });
    return await partiesOf(tx, { config, key: parts.key(), connection });
  });
  return { url: await requestUrl(parties, { id, relayState }), browser };
}

/** Ends what `begin` began: the request is ours, of this browser, and answered once. */
export async function arrive(parts: LoginParts, arrival: Arrival): Promise<Arrived> {
  const { postgres, clock } = parts;
  const connection = await getConnection(parts, arrival.connection);
  if (arrival.browser === null || arrival.relayState === null) throw new Problem("SAML_REQUEST_INVALID");
  const relayHash = hashSecret(arrival.relayState.slice(0, 200));
  const request = await postgres.transaction({ teams: [connection.team_id] }, (tx) => store.findRequest(tx, { relayHash, connection: connection.id, kind: "login", now: clock.date() }));
  if (!request || request.browser_hash !== hashSecret(arrival.browser)) throw new Problem("SAML_REQUEST_INVALID");
  const path = request.sealed_path === null ? "/" : openText(pathKey(arrival.browser, arrival.relayState), request.sealed_path, connection.id);
  return await finish(parts, { arrival, connection, request, path });
}

/** A provider sent somebody whom we did not ask about. Only where an administrator has allowed it, and always to the start. */
export async function arriveUnasked(parts: LoginParts, arrival: Arrival): Promise<Arrived> {
  const connection = await getConnection(parts, arrival.connection);
  if (!connection.idp_initiated) throw new Problem("SAML_UNASKED_REFUSED");
  return await finish(parts, { arrival, connection, request: null, path: "/" });
}

interface Finishing {
  arrival: Arrival;
  connection: ConnectionRow;
  request: store.RequestRow | null;
  path: string;
}

async function finish(parts: LoginParts, { arrival, connection, request, path }: Finishing): Promise<Arrived> {
  const { postgres, config, clock } = parts;
  const addresses = addressesOf(config, connection.id);
  const recipient = request ? addresses.acsUrl : addresses.idpInitiatedUrl;
  try {
    if (arrival.message.length > messageBytesMax * 2) throw new Problem("SAML_RESPONSE_TOO_LARGE", { values: { bytesMax: messageBytesMax } });
    const parties = await postgres.transaction({ teams: [connection.team_id] }, (tx) => partiesOf(tx, { config, key: parts.key(), connection }));
    const said = await verify(parts, { parties, message: arrival.message, recipient, request });
    return await postgres.transaction({ teams: [connection.team_id] }, async (tx) => {
      if (request && !(await store.takeRequest(tx, request.id))) throw new Problem("SAML_REQUEST_INVALID");
      const isNew = await store.insertAssertion(tx, { connection_id: connection.id, team_id: connection.team_id, assertion_id: said.id, expires_at: said.expiresAt });
      if (!isNew) throw new Problem("SAML_REPLAYED");
      return await enter(parts, tx, { arrival, connection, said, path });
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await noteRefusal(parts, connection, error, clock.date());
    return { kind: "refused", problem: error, path };
  }
}

async function verify({ clock, log }: LoginParts, options: { parties: Parties; message: string; recipient: string; request: store.RequestRow | null }): Promise<Said> {
  const { parties, message, recipient, request } = options;
  try {
    return await verifyResponse(parties, { message, recipient, request, nowMs: clock.now() });
  } catch (error) {
    if (error instanceof SamlDenial) throw new Problem("SAML_DENIED", { cause: error });
    if (!(error instanceof XmlError)) log("failure", describeError(error));
    // To the person always the same: what exactly is wrong helps only who tries.
    throw new Problem("SAML_RESPONSE_INVALID", { cause: error });
  }
}

async function enter(parts: LoginParts, tx: Parameters<Parameters<LoginParts["postgres"]["transaction"]>[1]>[0], { arrival, connection, said, path }: { arrival: Arrival; connection: ConnectionRow; said: Said; path: string }): Promise<Arrived> {
  const user = await admit(parts, tx, { connection, said, language: arrival.language, by: arrival.by });
  // The provider asks for what it thinks right, a second factor too: nothing is asked for again here.
  const session = await parts.signin.letIn(tx, {
    user, method: "saml", hasFactor: true, agent: arrival.agent, by: { ...arrival.by, user: user.id }, ...(said.sessionEndsAt ? { expiresAt: said.sessionEndsAt } : {}),
  });
  await store.insertSession(tx, {
    session_id: session.id, connection_id: connection.id, team_id: connection.team_id, user_id: user.id, name_id: said.nameId, name_id_format: said.nameIdFormat, session_index: said.sessionIndex,
  });
  return { kind: "signed-in", secret: session.secret, expiresAt: session.expiresAt, openedAt: parts.clock.date(), user, path };
}

/** The administrator sees why; the person only that. */
async function noteRefusal({ postgres, log }: LoginParts, connection: ConnectionRow, problem: Problem, now: Date): Promise<void> {
  const { cause } = problem.options;
  const reason = cause instanceof XmlError || cause instanceof SamlDenial ? `${problem.code}: ${cause.message}` : problem.code;
  log("sign-in refused", { kind: "saml", team: connection.team_id, code: problem.code });
  await postgres.transaction({ teams: [connection.team_id] }, (tx) => store.updateConnection(tx, connection.id, { refusal: reason.slice(0, 300), refused_at: now }));
}
