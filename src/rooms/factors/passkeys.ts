import type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Clock } from "#src/base/clock.ts";
import { newId, newSecret } from "#src/base/ids.ts";
import type { Postgres, Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { hashSecret } from "#src/base/secrets.ts";
import { cleanName } from "#src/rooms/teams/teams.ts";
import { passkeyNameCharactersMax, passkeysMax } from "./schema.ts";
import * as store from "./store.ts";
import type { PasskeyRow, Purpose } from "./store.ts";

export type { AuthenticationResponseJSON, PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON } from "@simplewebauthn/server";

// Loaded once somebody uses a passkey: it is 28 MB of memory, and a good part of a start.
const library = () => import("@simplewebauthn/server");

const challengeMs = 300_000;
/** Ed25519, ES256, RS256, as the registry of COSE counts them: what authenticators have, and Node without trying things out. */
const algorithms = [-8, -7, -257];

export interface PasskeyParts {
  postgres: Postgres;
  clock: Clock;
  /** The public address. Passkeys are bound to its host, and an answer for another page is refused. */
  origin: string;
}

/** What a passkey is asked for: to sign in by itself, as the second step, or as a proof within a session. */
export type Ask = Exclude<Purpose, "register">;

/** For the browser to make a passkey of this person. */
export async function creationOptions(parts: PasskeyParts, tx: Tx, person: { id: string; email: string; name: string }): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const existing = await store.listPasskeys(tx, person.id);
  if (existing.length >= passkeysMax) throw new Problem("PASSKEYS_FULL", { values: { max: passkeysMax } });
  const { generateRegistrationOptions } = await library();
  return await generateRegistrationOptions({
    rpName: "Kliv", rpID: hostOf(parts), userName: person.email, userDisplayName: person.name, userID: new Uint8Array(Buffer.from(person.id)),
    challenge: await newChallenge(parts, tx, { purpose: "register", user: person.id }), timeout: challengeMs, attestationType: "none", supportedAlgorithmIDs: algorithms,
    excludeCredentials: existing.map(describe),
    // One that can be found without a name signs in by itself; an old security key without room is a second step still.
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
  });
}

/** The passkey that an authenticator made, checked and not yet kept. Throws PASSKEY_NOT_MADE. */
export async function readCreated(parts: PasskeyParts, { user, name, response }: { user: string; name: string; response: RegistrationResponseJSON }): Promise<PasskeyRow> {
  const challenge = await takeChallenge(parts, { purpose: "register", user, response });
  if (challenge === null) throw new Problem("PASSKEY_NOT_MADE");
  const { verifyRegistrationResponse } = await library();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response, expectedChallenge: challenge.text, expectedOrigin: parts.origin, expectedRPID: hostOf(parts), requireUserVerification: false, supportedAlgorithmIDs: algorithms,
  }).catch((cause: unknown) => {
    throw new Problem("PASSKEY_NOT_MADE", { cause });
  });
  if (!verified) throw new Problem("PASSKEY_NOT_MADE");
  const { id, publicKey, counter } = registrationInfo.credential;
  return {
    id: newId("pk", parts.clock), user_id: user, credential_id: id, public_key: Buffer.from(publicKey), counter, transports: (response.response.transports ?? []).slice(0, 8),
    name: passkeyName(name), created_at: parts.clock.date(), last_used_at: null,
  };
}

/** For the browser to ask for a passkey: any of this site's to sign in by itself, else one of this person's. */
export async function requestOptions(parts: PasskeyParts, { purpose, user }: { purpose: Ask; user: string | null }): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await library();
  return await parts.postgres.transaction({ user }, async (tx) => {
    const own = user === null ? [] : await store.listPasskeys(tx, user);
    return await generateAuthenticationOptions({
      rpID: hostOf(parts), challenge: await newChallenge(parts, tx, { purpose, user }), timeout: challengeMs, userVerification: purpose === "first" ? "required" : "preferred",
      ...(user === null ? {} : { allowCredentials: own.map(describe) }),
    });
  });
}

/**
 * Whose passkey has answered. By itself it counts for two factors, so it has to have verified its person, by a finger or a
 * PIN. Throws PASSKEY_REFUSED.
 */
export async function usePasskey(parts: PasskeyParts, { purpose, user, response }: { purpose: Ask; user: string | null; response: AuthenticationResponseJSON }): Promise<string> {
  const challenge = await takeChallenge(parts, { purpose, user, response });
  // Who signs in by passkey alone is named by the passkey; the signature is under the key that is kept for that name.
  const owner = user ?? Buffer.from(response.response.userHandle ?? "", "base64url").toString("utf8");
  if (challenge === null || !/^[a-z]+_[0-9a-z]{1,40}$/.test(owner)) throw new Problem("PASSKEY_REFUSED");
  const { verifyAuthenticationResponse } = await library();
  await parts.postgres.transaction({ user: owner }, async (tx) => {
    const passkey = await store.findPasskeyForUpdate(tx, { user: owner, credential: response.id });
    if (!passkey) throw new Problem("PASSKEY_REFUSED");
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response, expectedChallenge: challenge.text, expectedOrigin: parts.origin, expectedRPID: hostOf(parts), requireUserVerification: purpose === "first",
      credential: { id: passkey.credential_id, publicKey: new Uint8Array(passkey.public_key), counter: passkey.counter },
    }).catch((cause: unknown) => {
      throw new Problem("PASSKEY_REFUSED", { cause });
    });
    if (!verified) throw new Problem("PASSKEY_REFUSED");
    await store.updatePasskey(tx, { user: owner, id: passkey.id }, { counter: authenticationInfo.newCounter, last_used_at: parts.clock.date() });
  });
  return owner;
}

/** Cut between characters, not within one. */
export const passkeyName = (name: string): string => [...cleanName(name)].slice(0, passkeyNameCharactersMax).join("");

const hostOf = ({ origin }: PasskeyParts): string => new URL(origin).hostname;

const describe = (row: PasskeyRow) => ({ id: row.credential_id, transports: row.transports });

/** Random, on any node good for one answer within five minutes; only its hash is kept. Raw bytes, as the library encodes them. */
async function newChallenge({ clock }: PasskeyParts, tx: Tx, { purpose, user }: { purpose: Purpose; user: string | null }): Promise<Uint8Array<ArrayBuffer>> {
  const text = newSecret("passkey");
  const bytes = new Uint8Array(Buffer.from(text));
  await store.insertChallenge(tx, { challenge_hash: hashSecret(text), purpose, user_id: user, expires_at: new Date(clock.now() + challengeMs) });
  return bytes;
}

/** The challenge that the answer was given to; null when it is not one of ours, of another person's, too old, or spent. It is spent now. */
async function takeChallenge(
  { postgres, clock }: PasskeyParts, { purpose, user, response }: { purpose: Purpose; user: string | null; response: { response: { clientDataJSON: string } } },
): Promise<{ text: string } | null> {
  const text = challengeIn(response.response.clientDataJSON);
  if (text === null) return null;
  const secret = Buffer.from(text, "base64url").toString("utf8");
  const found = await postgres.transaction({}, (tx) => store.takeChallenge(tx, { hash: hashSecret(secret), purpose, now: clock.date() }));
  return found && found.user_id === user ? { text } : null;
}

function challengeIn(clientData: string): string | null {
  try {
    const { challenge } = JSON.parse(Buffer.from(clientData, "base64url").toString("utf8")) as { challenge?: unknown };
    return typeof challenge === "string" ? challenge : null;
  } catch {
    return null;
  }
}
