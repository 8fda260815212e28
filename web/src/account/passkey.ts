import { WebAuthnAbortService, WebAuthnError, browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } from "@simplewebauthn/browser";
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import { Problem, call } from "../api/api.ts";
import type { Words } from "../words/en.ts";

/** Whether this browser, on this page, can use passkeys at all. */
export const knowsPasskeys = (): boolean => browserSupportsWebAuthn();

/** Asks for options at this address, and the browser for the passkey's answer to them. Throws Problem. */
export async function showPasskey(path: string, words: Words): Promise<unknown> {
  const { options } = await call<{ options: PublicKeyCredentialRequestOptionsJSON }>(path, { method: "POST" });
  return await startAuthentication({ optionsJSON: options }).catch((error: unknown) => {
    throw problemOf(error, words);
  });
}

export async function makePasskey(path: string, words: Words): Promise<unknown> {
  const { options } = await call<{ options: PublicKeyCredentialCreationOptionsJSON }>(path, { method: "POST" });
  return await startRegistration({ optionsJSON: options }).catch((error: unknown) => {
    throw problemOf(error, words);
  });
}

// The server takes an answer for five minutes.
const renewMs = 240_000;

/**
 * Passkeys among what the browser offers to fill in, as long as the page is open. Returns how to end it. What goes wrong is
 * nobody's trouble: nothing was asked for.
 */
export function offerPasskeys(path: string, onShown: (response: unknown) => void): () => void {
  let ended = false;
  const offer = async (): Promise<void> => {
    try {
      if (!(await browserSupportsWebAuthnAutofill()) || ended) return;
      const { options } = await call<{ options: PublicKeyCredentialRequestOptionsJSON }>(path, { method: "POST" });
      if (ended) return;
      const response = await startAuthentication({ optionsJSON: options, useBrowserAutofill: true });
      if (!ended) onShown(response);
    } catch {
      // Ended by us, by the person, or not to be had here.
    }
  };
  void offer();
  const timer = setInterval(() => void offer(), renewMs);
  return () => {
    ended = true;
    clearInterval(timer);
    WebAuthnAbortService.cancelCeremony();
  };
}

/** What browsers say of passkeys is for programmers, and deliberately vague. */
function problemOf(error: unknown, words: Words): Problem {
  const code = error instanceof WebAuthnError ? error.code : "";
  const said = code === "ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED" ? words.factors.passkeyKnown
    : code === "ERROR_INVALID_DOMAIN" || code === "ERROR_INVALID_RP_ID" ? words.factors.passkeyUnable
      : words.factors.passkeyStopped;
  return new Problem({ code: "PASSKEY_STOPPED", ...said });
}
