import type { Configuration, CustomFetchOptions, IDToken, UserInfoResponse } from "openid-client";
import type { Clock } from "#src/base/clock.ts";
import { describeError } from "#src/base/log.ts";
import type { Log } from "#src/base/log.ts";
import type { FetchOptions, Outbound } from "#src/base/outbound/outbound.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { ProviderSettings } from "#src/base/providers.ts";

/** The secrets of one sign-in. */
export interface Flow {
  state: string;
  nonce: string;
  /** PKCE (RFC 7636). */
  verifier: string;
}

/** Who a provider says that somebody is. */
export interface Claims {
  issuer: string;
  subject: string;
  email: string | null;
  isEmailVerified: boolean;
  name: string | null;
  locale: string | null;
}

export interface Provider {
  settings: ProviderSettings;
  /** Where to send the browser. Throws OIDC_UNAVAILABLE. */
  authorizationUrl(flow: Flow, redirectUri: string): Promise<URL>;
  /** Exchanges the code in `url`, the address that the browser came back to. Throws OIDC_UNAVAILABLE, OIDC_DENIED, OIDC_ANSWER_INVALID. */
  prove(flow: Flow, url: URL): Promise<Claims>;
}

export interface ProviderParts {
  clock: Clock;
  log: Log;
  outbound: Outbound;
}

const timeoutSeconds = 10;
const subjectCharactersMax = 255;
/** A provider's endpoints and keys change rarely; an hour is also what Google's own answer allows. */
const ageMsMax = 3_600_000;

/** One provider as its discovery document describes it, read when first needed and kept for an hour. */
export function createProvider(settings: ProviderSettings, parts: ProviderParts): Provider {
  const { clock, log } = parts;
  let kept: { configuration: Promise<Configuration>; readMs: number } | null = null;
  const configuration = async (): Promise<Configuration> => {
    if (!kept || clock.now() - kept.readMs > ageMsMax) kept = { configuration: discover(settings, parts), readMs: clock.now() };
    const current = kept;
    try {
      return await current.configuration;
    } catch (error) {
      // A failure is kept for nobody: the next one asks again.
      if (kept === current) kept = null;
      log("sign-in provider unavailable", { host: new URL(settings.issuer).hostname, ...describeError(error) });
      throw new Problem("OIDC_UNAVAILABLE", { cause: error });
    }
  };
  return {
    settings,
    async authorizationUrl({ state, nonce, verifier }, redirectUri) {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await openid();
      return buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri, scope: "openid email profile", state, nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
      });
    },
    async prove(flow, url) {
      const found = await configuration();
      try {
        return await exchange(found, flow, url);
      } catch (error) {
        log("sign-in at a provider refused", describeError(error));
        throw await problemOf(error);
      }
    },
  };
}

// Loaded where a provider is configured, and not at every start.
const openid = () => import("openid-client");

async function discover(settings: ProviderSettings, { outbound }: ProviderParts): Promise<Configuration> {
  const { discovery, customFetch, enableNonRepudiationChecks, allowInsecureRequests, ClientSecretBasic, ClientSecretPost } = await openid();
  const issuer = new URL(settings.issuer);
  const [basic, post] = [ClientSecretBasic(settings.clientSecret), ClientSecretPost(settings.clientSecret)];
  const found = await discovery(
    issuer, settings.clientId, {},
    // Basic is what a provider that names none takes (OpenID Connect Discovery 1.0, 3).
    (server, ...rest) => (server.token_endpoint_auth_methods_supported?.includes("client_secret_post") ? post : basic)(server, ...rest),
    {
      [customFetch]: (url: string, options: CustomFetchOptions) => outbound.fetch("oidc", url, options as FetchOptions),
      timeout: timeoutSeconds,
      // The signature is checked though the token comes over TLS: an algorithm without a public key is thereby refused.
      execute: [enableNonRepudiationChecks, ...(issuer.protocol === "http:" ? [allowInsecureRequests] : [])],
    },
  );
  // Kept for an hour, so it has to be of use.
  const { authorization_endpoint: place, token_endpoint: tokens, jwks_uri: keys } = found.serverMetadata();
  const isUsable = (address: string | undefined): boolean => ["https:", issuer.protocol].includes(URL.parse(address ?? "")?.protocol ?? "");
  if (![place, tokens, keys].every(isUsable)) throw new TypeError("the document names no place to sign in, for tokens or for keys");
  return found;
}

async function exchange(configuration: Configuration, flow: Flow, url: URL): Promise<Claims> {
  const { authorizationCodeGrant, fetchUserInfo } = await openid();
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: flow.state, expectedNonce: flow.nonce, pkceCodeVerifier: flow.verifier, idTokenExpected: true,
  });
  const signed = tokens.claims() as IDToken;
  // OpenID Connect Core 1.0, 2: what is longer is no subject. Control characters could not be kept.
  if (signed.sub.length > subjectCharactersMax || /\p{Cc}/u.test(signed.sub)) throw new Problem("OIDC_ANSWER_INVALID");
  // Some providers put no address into the token and answer it at an endpoint of its own, whose subject must be the same.
  const isWhole = typeof signed["email"] === "string" || configuration.serverMetadata().userinfo_endpoint === undefined;
  const told: UserInfoResponse | null = isWhole ? null : await fetchUserInfo(configuration, tokens.access_token, signed.sub);
  const text = (name: string): string | null => [signed[name], told?.[name]].find((value): value is string => typeof value === "string" && value.trim() !== "") ?? null;
  const verified = told ? told["email_verified"] : signed["email_verified"];
  return {
    issuer: signed.iss, subject: signed.sub, email: text("email"), name: text("name"), locale: text("locale"),
    // Some providers send it as a text.
    isEmailVerified: verified === true || verified === "true",
  };
}

const denials = new Set(["access_denied", "login_required", "consent_required", "interaction_required", "account_selection_required"]);
const outages = new Set(["server_error", "temporarily_unavailable"]);

async function problemOf(error: unknown): Promise<Problem> {
  const { AuthorizationResponseError, ResponseBodyError, ClientError } = await openid();
  if (error instanceof Problem) return error;
  if (error instanceof AuthorizationResponseError) return new Problem(denials.has(error.error) ? "OIDC_DENIED" : outages.has(error.error) ? "OIDC_UNAVAILABLE" : "OIDC_ANSWER_INVALID", { cause: error });
  const isDown = (error instanceof ResponseBodyError && error.status >= 500)
    // Not reached, refused by our own door, or no answer in time.
    || (error instanceof Error && error.cause instanceof Problem)
    || (error instanceof ClientError && (["OAUTH_TIMEOUT", "OAUTH_ABORT"].includes(error.code ?? "") || (error.cause instanceof Response && error.cause.status >= 500)));
  return new Problem(isDown ? "OIDC_UNAVAILABLE" : "OIDC_ANSWER_INVALID", { cause: error });
}
