import { renderSVG } from "uqr";
import { openText, sealText } from "#src/base/secrets.ts";
import type { Clock } from "#src/base/clock.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { Problem } from "#src/base/problems/problem.ts";
import * as store from "./store.ts";

/** As every authenticator app knows them: SHA-1, six digits, 30 seconds (RFC 6238). */
const stepSeconds = 30;
/** A phone's clock may be one step off, either way. */
const toleranceSeconds = stepSeconds;
const setupMs = 3_600_000;
/** Loaded once somebody uses a code: a server that idles holds less. */
const library = () => import("otplib");

export interface TotpParts {
  clock: Clock;
  /** The key that the secrets are sealed with. */
  key(): Buffer;
}

export interface TotpSetup {
  /** Base 32, to be typed where nothing can be scanned. */
  secret: string;
  /** `otpauth://totp/...` */
  uri: string;
  /** The same as a QR code, an SVG document. */
  qr: string;
}

/** A secret that counts for nothing until a right code of it has come. A second one takes the place of the first. */
export async function startTotp({ clock, key }: TotpParts, tx: Tx, { user, label }: { user: string; label: string }): Promise<TotpSetup> {
  const { generateSecret, generateURI } = await library();
  const secret = generateSecret();
  await store.putSetup(tx, { user_id: user, secret: sealText(key(), secret, user), expires_at: new Date(clock.now() + setupMs) });
  const uri = generateURI({ issuer: "Kliv", label, secret });
  // White around and dark on white in every look of the page: cameras need both.
  return { secret, uri, qr: renderSVG(uri, { ecc: "M", border: 4, pixelSize: 6 }) };
}

/** The first right code makes the secret the person's factor. Throws FACTOR_SETUP_MISSING, FACTOR_CODE_WRONG. */
export async function confirmTotp({ clock, key }: TotpParts, tx: Tx, { user, code }: { user: string; code: string }): Promise<void> {
  const setup = await store.findSetupForUpdate(tx, user, clock.date());
  if (!setup) throw new Problem("FACTOR_SETUP_MISSING");
  const step = await stepOf(openSecret(key(), setup.secret, user), code, clock);
  if (step === null) throw new Problem("FACTOR_CODE_WRONG");
  await store.deleteSetup(tx, user);
  // The code that has just been typed is used too: it does not sign anybody in.
  await store.putTotp(tx, { user_id: user, secret: setup.secret, last_step: step, created_at: clock.date() });
}

/** Whether the code is right and newer than the newest one taken; then it is taken. Under the row's lock. */
export async function useTotp({ clock, key }: TotpParts, tx: Tx, { user, code }: { user: string; code: string }): Promise<boolean> {
  const totp = await store.findTotpForUpdate(tx, user);
  if (!totp) return false;
  const step = await stepOf(openSecret(key(), totp.secret, user), code, clock);
  if (step === null || step <= totp.last_step) return false;
  await store.setLastStep(tx, user, step);
  return true;
}

/** The time step that the code belongs to; null for a wrong one. People put spaces into codes, as the apps show them. */
async function stepOf(secret: string, code: string, clock: Clock): Promise<number | null> {
  const token = code.normalize("NFKC").replace(/[\s-]/g, "");
  if (!/^[0-9]{6}$/.test(token)) return null;
  const { verifySync } = await library();
  const found = verifySync({ secret, token, epoch: Math.floor(clock.now() / 1_000), epochTolerance: toleranceSeconds });
  return found.valid && "timeStep" in found ? found.timeStep : null;
}

function openSecret(key: Buffer, sealed: string, user: string): string {
  try {
    return openText(key, sealed, user);
  } catch (cause) {
    // The home was made anew, or another server of the same PostgreSQL has a home of its own.
    throw new Problem("FACTOR_KEY_OTHER", { cause });
  }
}
