/* The other side of a sign-in, for tests: a certified provider, one that lies, and a browser that walks between them. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import type { JWTPayload } from "jose";
// @ts-expect-error The package carries no types.
import OidcProvider from "oidc-provider";
import type { Answered, TestServer } from "../../../tests/server.ts";

export interface Person {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  locale?: string;
}

export interface Peer {
  issuer: string;
  close(): Promise<void>;
}

export const clientSecret = "a secret of the client's, for tests only";

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
const listen = (server: Server, port: number): Promise<void> => new Promise((resolve) => void server.listen(port, "127.0.0.1", resolve));

/** The certified `oidc-provider` with its own pages for signing in and consenting. Whoever is in `people` may, by `sub`. */
export async function startCertified({ port, redirectUri, people }: { port: number; redirectUri: string; people: Map<string, Person> }): Promise<Peer> {
  const issuer = `http://localhost:${port}`;
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const provider = new OidcProvider(issuer, {
    clients: [{ client_id: "kliv", client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: ["authorization_code"], response_types: ["code"] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "locale"] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid: "one" }] },
    cookies: { keys: ["for tests only"] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => (people.has(id) ? { accountId: id, claims: () => people.get(id) } : undefined),
  });
  const server = createServer(provider.callback());
  await listen(server, port);
  return { issuer, close: () => close(server) };
}

/** What the lying provider does otherwise than it should, from call to call. */
export interface Lie {
  claims?: (right: JWTPayload) => JWTPayload;
  /** `none` and `HS256` have no signature that its public key could check. */
  alg?: "RS256" | "none" | "HS256";
  /** Signed by a key that it does not publish. */
  isForeignKey?: boolean;
  /** Beside `code` and `state`, in the address that it sends the browser back to. */
  answer?: Record<string, string>;
  tokenStatus?: number;
}

/** A provider made of a few lines, which says about anybody what `lie` wants. */
export async function startLiar(port: number): Promise<Peer & { lie: Lie; person: Person; tokenCalls: number }> {
  const issuer = `http://localhost:${port}`;
  const [keys, others] = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
  const peer = { issuer, lie: {} as Lie, person: { sub: "liar" } as Person, tokenCalls: 0, close: () => close(server) };
  const nonces = new Map<string, string>();
  const json = (response: ServerResponse, body: unknown, status = 200): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const token = async (code: string): Promise<string> => {
    const { lie, person } = peer;
    const now = Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000);
    const right = { ...person, iss: issuer, aud: "kliv", iat: now, exp: now + 300, nonce: nonces.get(code) ?? "" };
    const claims = lie.claims?.(right) ?? right;
    const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    if (lie.alg === "none") return `${text({ alg: "none" })}.${text(claims)}.`;
    if (lie.alg === "HS256") return await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(clientSecret.padEnd(32)));
    return await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(lie.isForeignKey ? others.privateKey : keys.privateKey);
  };
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", issuer);
    if (url.pathname === "/.well-known/openid-configuration") {
      return json(response, {
        issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`, response_types_supported: ["code"],
        subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256", "HS256", "none"], authorization_response_iss_parameter_supported: true,
      });
    }
    if (url.pathname === "/keys") return json(response, { keys: [{ ...(await exportJWK(keys.publicKey)), alg: "RS256", use: "sig", kid: "one" }] });
    if (url.pathname === "/auth") {
      const code = `code${nonces.size}`;
      nonces.set(code, url.searchParams.get("nonce") ?? "");
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      for (const [name, value] of Object.entries({ code, state: url.searchParams.get("state") ?? "", iss: issuer, ...peer.lie.answer })) if (value !== "") back.searchParams.set(name, value);
      return void response.writeHead(303, { location: back.href }).end();
    }
    let body = "";
    for await (const part of request) body += String(part);
    peer.tokenCalls += 1;
    const code = new URLSearchParams(body).get("code") ?? "";
    if (peer.lie.tokenStatus) return json(response, { error: "server_error" }, peer.lie.tokenStatus);
    if (!nonces.has(code)) return json(response, { error: "invalid_grant" }, 400);
    return json(response, { access_token: "a", token_type: "Bearer", expires_in: 60, id_token: await token(code) });
  });
  await listen(server, port);
  return peer;
}

/** A browser as far as it matters here: cookies of each origin, and redirects one at a time. */
export class Browser {
  readonly kliv: TestServer;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(kliv: TestServer) {
    this.kliv = kliv;
  }

  cookie(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  has(name: string): boolean {
    return this.#cookies.get(this.kliv.config.origin)?.has(name) ?? false;
  }

  #keep(origin: string, lines: readonly string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }

  /** A call to Kliv with this browser's cookies. */
  async api(method: string, path: string, body?: unknown): Promise<Answered> {
    const { origin } = this.kliv.config;
    const answered = await this.kliv.api(method, path, { cookie: this.cookie(origin), ...(body === undefined ? {} : { body }) });
    this.#keep(origin, [answered.headers["set-cookie"] ?? []].flat());
    return answered;
  }

  /** Opens a page of Kliv and says where it sends the browser. */
  async go(path: string): Promise<URL> {
    const answered = await this.api("GET", path);
    const { location } = answered.headers;
    if (answered.status !== 303 || typeof location !== "string") throw new Error(`${path} answered ${answered.status} ${answered.bytes.toString().slice(0, 300)}`);
    return new URL(location, this.kliv.config.origin);
  }

  /** From the address of a provider through its pages, signing in there as `login`, until it leads back to Kliv. */
  async walk(start: URL, login: string): Promise<URL> {
    let [url, form]: [URL, URLSearchParams | null] = [start, null];
    for (let steps = 0; steps < 20; steps++) {
      if (url.origin === this.kliv.config.origin) return url;
      const response: Response = await fetch(url, { redirect: "manual", headers: { cookie: this.cookie(url.origin) }, ...(form ? { method: "POST", body: form } : {}) });
      this.#keep(url.origin, response.headers.getSetCookie());
      const location = response.headers.get("location");
      const page = await response.text();
      if (location !== null) {
        [url, form] = [new URL(location, url), null];
        continue;
      }
      const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      if (action === undefined || prompt === undefined) throw new Error(`${url.href} answered ${response.status} ${page.slice(0, 300)}`);
      [url, form] = [new URL(action, url), new URLSearchParams(prompt === "login" ? { prompt, login, password: "any" } : { prompt })];
    }
    throw new Error("the provider leads nowhere");
  }

  /** The whole way: begin at Kliv, sign in at the provider, come back. Returns the page that Kliv leads to. */
  async signIn(provider: string, login: string, to = ""): Promise<URL> {
    const start = await this.go(`/signin/oidc/${provider}${to === "" ? "" : `?to=${encodeURIComponent(to)}`}`);
    const back = await this.walk(start, login);
    return await this.go(back.pathname + back.search);
  }
}
