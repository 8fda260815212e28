/* The other side of single sign-on, for tests: SimpleSAMLphp as Debian packages it, and a browser that walks between the two. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#src/base/clock.ts";
import { sql } from "kysely";
import { operator } from "#src/commands/command.ts";
import { freePort, startTestServer } from "../../../tests/server.ts";
import type { Answered, CallOptions, TestServer } from "../../../tests/server.ts";
import { makeKeyPair } from "./keys.ts";
import { addressesOf } from "./parties.ts";

const program = "/usr/share/simplesamlphp";

/** Why the real provider cannot be started here, or false. */
export const noIdp: string | false = existsSync(`${program}/www/saml2/idp/metadata.php`) && spawnSync("php", ["-v"]).status === 0 ? false : "simplesamlphp and php-cli are not installed";

export interface IdpPerson {
  password: string;
  attributes: Record<string, string[]>;
}

export interface Idp {
  url: string;
  entityId: string;
  /** PEM. */
  privateKey: string;
  certificate: string;
  people: Map<string, IdpPerson>;
  /** Reads our metadata, as its administrator does; with more settings in SimpleSAMLphp's words. */
  trust(metadata: string, settings?: Record<string, unknown>): void;
  /** More settings of the provider itself. */
  set(settings: Record<string, unknown>): void;
  /** Another key from now on. */
  useKey(pair: { privateKey: string; certificate: string }): void;
  metadata(): Promise<string>;
  close(): Promise<void>;
}

const php = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(php).join(", ")}]`;
  if (value !== null && typeof value === "object") return `[${Object.entries(value).map(([key, one]) => `${php(key)} => ${php(one)}`).join(", ")}]`;
  return typeof value === "string" ? `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'` : String(value);
};

// What Apache does for it otherwise: the path behind the script's name.
const router = `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!preg_match('~^/simplesaml/((?:[\\w.-]+/)*?[\\w.-]+\\.php)(/.*)?$~', $path, $m) || !is_file($file = '${program}/www/' . $m[1])) { http_response_code(404); return true; }
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/simplesaml/' . $m[1];
$_SERVER['SCRIPT_FILENAME'] = $file;
$_SERVER['PATH_INFO'] = $m[2] ?? '';
chdir(dirname($file));
require $file;
`;

/** An RSA key with a certificate of its own, both as PEM. */
export async function makePair(): Promise<{ privateKey: string; certificate: string }> {
  const { privateKey, certificate } = await makeKeyPair({ name: "idp.example", clock: systemClock, bits: 2_048 });
  return { privateKey, certificate: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n` };
}

/** SimpleSAMLphp as an identity provider, under PHP's own server. Its sources are the package's; all else is in a folder of the test. */
export async function startIdp(): Promise<Idp> {
  const root = mkdtempSync(join(tmpdir(), "kliv-idp-"));
  const port = await freePort();
  const url = `http://localhost:${port}/simplesaml`;
  const entityId = `${url}/saml2/idp/metadata.php`;
  for (const name of ["config", "metadata", "cert", "data", "tmp", "log"]) mkdirSync(join(root, name));
  const pair = await makePair();
  const put = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const useKey: Idp["useKey"] = ({ privateKey, certificate }) => {
    put("cert/idp.key", privateKey);
    put("cert/idp.crt", certificate);
  };
  useKey(pair);
  const people = new Map<string, IdpPerson>();
  const trusted = new Map<string, Record<string, unknown>>();
  let own: Record<string, unknown> = {};
  const sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
  put("router.php", router);
  put("config/config.php", `<?php\n$config = ${php({
    baseurlpath: `${url}/`, certdir: `${root}/cert/`, loggingdir: `${root}/log/`, datadir: `${root}/data/`, tempdir: `${root}/tmp`, metadatadir: `${root}/metadata/`,
    attributenamemapdir: `${program}/config/attributemap/`, secretsalt: "of one test", "auth.adminpassword": "of one test", technicalcontact_email: "nobody@example.com", timezone: "UTC",
    "enable.saml20-idp": true, "module.enable": { exampleauth: true, core: true, saml: true }, "session.cookie.secure": false, "session.cookie.samesite": null, "language.cookie.secure": false,
    "language.cookie.samesite": null, "store.type": "sql", "store.sql.dsn": `sqlite:${root}/data/store.sq3`, "store.sql.prefix": "ssp", "logging.handler": "errorlog", "logging.level": 3,
    showerrors: true, errorreporting: false, "metadata.sources": [{ type: "flatfile" }], "authproc.idp": [], "authproc.sp": [], production: true, "language.available": ["en"],
    "language.default": "en", "theme.use": "default", "trusted.url.domains": null,
  })};\n`);
  // Read anew at each request, so that a test changes them while it runs.
  const write = (): void => {
    put("config/authsources.php", `<?php\n$config = ${php({ people: { 0: "exampleauth:UserPass", ...Object.fromEntries([...people].map(([name, one]) => [`${name}:${one.password}`, one.attributes])) } }).replace("'0' =>", "0 =>")};\n`);
    put("metadata/saml20-idp-hosted.php", `<?php\n$metadata[${php(entityId)}] = ${php({
      host: "__DEFAULT__", privatekey: "idp.key", certificate: "idp.crt", auth: "people", NameIDFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
      "simplesaml.nameidattribute": "mail", "signature.algorithm": sha256, "saml20.sign.assertion": true, "saml20.sign.response": true, "sign.logout": true, "redirect.sign": true, "redirect.validate": true, ...own,
    })};\n`);
    put("metadata/saml20-sp-remote.php", `<?php\n${[...trusted].map(([id, settings]) => `$metadata[${php(id)}] = ${php({ "signature.algorithm": sha256, ...settings })};`).join("\n")}\n`);
  };
  write();
  const child = spawn("php", ["-q", "-d", "opcache.enable=0", "-d", "error_reporting=0", "-S", `localhost:${port}`, join(root, "router.php")], {
    env: { PATH: process.env["PATH"], SIMPLESAMLPHP_CONFIG_DIR: join(root, "config") }, stdio: ["ignore", "ignore", "pipe"],
  });
  // It says so when it listens.
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (part: Buffer) => /started/.test(String(part)) && resolve());
    child.once("exit", () => reject(new Error("the provider did not start")));
  });
  return {
    url, entityId, ...pair, people, useKey,
    trust(text, settings = {}) {
      const values = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, first = "", second = ""]) => [first, second] as const);
      const location = (name: string) => values(new RegExp(`<md:${name} Binding="([^"]+)" Location="([^"]+)"`, "g")).map(([Binding, Location], index) => ({ Binding, Location, index }));
      trusted.set(/entityID="([^"]+)"/.exec(text)?.[1] ?? "", {
        AssertionConsumerService: location("AssertionConsumerService"), SingleLogoutService: location("SingleLogoutService"),
        keys: values(/use="(signing|encryption)"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>([^<]+)/g).map(([use, certificate]) => ({ type: "X509Certificate", signing: use === "signing", encryption: use === "encryption", X509Certificate: certificate })),
        ...settings,
      });
      write();
    },
    set(settings) {
      own = settings;
      write();
    },
    async metadata() {
      write();
      return await (await fetch(entityId)).text();
    },
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const unescape = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))).replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A form that a page sends on, to another site. */
export interface Posted {
  action: string;
  fields: Record<string, string>;
}

/** A browser as far as it matters here: cookies of each origin, by their rules for other sites, and redirects one at a time. */
export class Browser {
  readonly kliv: TestServer;
  readonly #cookies = new Map<string, Map<string, { value: string; isLax: boolean }>>();

  constructor(kliv: TestServer) {
    this.kliv = kliv;
  }

  cookie(origin: string, isFromElsewhere = false): string {
    return [...(this.#cookies.get(origin) ?? [])].filter(([, { isLax }]) => !isFromElsewhere || !isLax).map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  has(name: string): boolean {
    return this.#cookies.get(this.kliv.config.origin)?.has(name) ?? false;
  }

  #keep(origin: string, lines: string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, { value: string; isLax: boolean }>();
    for (const line of lines) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(;|$)/i.test(line)) jar.delete(name);
      else jar.set(name, { value, isLax: !/SameSite=None/i.test(line) });
    }
    this.#cookies.set(origin, jar);
  }

  /** Asks Kliv; `isFromElsewhere` as a form of another site's page does. */
  async api(method: string, path: string, options: CallOptions & { isFromElsewhere?: boolean } = {}): Promise<Answered> {
    const { isFromElsewhere = false, ...rest } = options;
    const { origin } = this.kliv.config;
    const answered = await this.kliv.api(method, path, { cookie: this.cookie(origin, isFromElsewhere && method !== "GET"), ...rest });
    this.#keep(origin, [answered.headers["set-cookie"] ?? []].flat());
    return answered;
  }

  /** Follows Kliv's one redirect. */
  async go(path: string): Promise<URL> {
    return locationOf(await this.api("GET", path), this.kliv);
  }

  /** Posts a form to Kliv, as the provider's page does. */
  async post({ action, fields }: Posted): Promise<URL> {
    return locationOf(await this.postRaw({ action, fields }), this.kliv);
  }

  postRaw({ action, fields }: Posted): Promise<Answered> {
    const url = new URL(action);
    return this.api("POST", url.pathname + url.search, {
      body: Buffer.from(new URLSearchParams(fields).toString()), isFromElsewhere: true,
      headers: { "content-type": "application/x-www-form-urlencoded", origin: "https://idp.example", "sec-fetch-site": "cross-site" },
    });
  }

  /** From an address of the provider through its pages, signing in there, until it leads back to Kliv by a form or an address. */
  async walk(start: URL, person: { name: string; password: string } | null): Promise<{ url: URL } | { form: Posted }> {
    let [url, body]: [URL, URLSearchParams | null] = [start, null];
    for (let steps = 0; steps < 15; steps++) {
      if (url.origin === this.kliv.config.origin) return { url };
      const response: Response = await fetch(url, { redirect: "manual", headers: { cookie: this.cookie(url.origin) }, ...(body ? { method: "POST", body } : {}) });
      this.#keep(url.origin, response.headers.getSetCookie());
      const location = response.headers.get("location");
      const page = await response.text();
      if (location !== null) {
        [url, body] = [new URL(location, url), null];
        continue;
      }
      const fields = Object.fromEntries([...page.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, unescape(value)]));
      const action = unescape(/<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? "");
      if ("SAMLResponse" in fields) return { form: { action, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => /^(SAML|Relay)/.test(name))) } };
      if (!("AuthState" in fields) || person === null) throw new Error(`${url.href} answered ${response.status} ${page.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").slice(0, 600)}`);
      [url, body] = [new URL(action, url), new URLSearchParams({ ...fields, username: person.name, password: person.password })];
    }
    throw new Error("the provider leads nowhere");
  }

  /** As far as the form with the provider's answer. */
  async ask(connection: string, person: { name: string; password: string }, to = ""): Promise<Posted> {
    const start = await this.go(`/signin/saml/${connection}${to === "" ? "" : `?to=${encodeURIComponent(to)}`}`);
    const found = await this.walk(start, person);
    if (!("form" in found)) throw new Error(`the provider led to ${found.url.href}`);
    return found.form;
  }

  /** The whole way: begin at Kliv, sign in at the provider, come back. Returns the page that Kliv leads to. */
  async signIn(connection: string, person: { name: string; password: string }, to = ""): Promise<URL> {
    return await this.post(await this.ask(connection, person, to));
  }
}

function locationOf(answered: Answered, kliv: TestServer): URL {
  const { location } = answered.headers;
  if (answered.status !== 303 || typeof location !== "string") throw new Error(`answered ${answered.status} ${answered.bytes.toString().slice(0, 300)}`);
  return new URL(location, kliv.config.origin);
}

/** A server with an Enterprise team that is connected to a provider and has the domain corp.example. */
export async function startCorp() {
  const [idp, kliv] = await Promise.all([startIdp(), startTestServer()]);
  // The provider has the machine's clock.
  kliv.clock.move(systemClock.now() - kliv.clock.now());
  const { team, ...owner } = await kliv.makeTeam("corp");
  const { saml } = kliv.running.app.rooms;
  const query = (text: string): Promise<any[]> => kliv.running.app.postgres.transaction({ operator: true }, async (tx) => (await sql.raw<any>(text).execute(tx)).rows);
  await query(`update teams set plan = 'enterprise' where id = '${team}'`);
  const trust = async (id: string, settings: Record<string, unknown> = {}) => idp.trust((await kliv.api("GET", `/saml/${id}/metadata`)).bytes.toString(), settings);
  const connect = async (settings: object = {}): Promise<string> => {
    const { row } = await saml.connections.create({ team, settings: { metadata: await idp.metadata(), name: "Corp", ...settings }, by: operator });
    await trust(row.id);
    return row.id;
  };
  const connection = await connect();
  await saml.domains.add({ team, domain: "corp.example", by: operator });
  await saml.domains.verify({ team, domain: "corp.example", isByOperator: true, by: operator });
  const person = (name: string, attributes: Record<string, string[]>): { name: string; password: string } => {
    idp.people.set(name, { password: "pass", attributes: { uid: [name], ...attributes } });
    idp.set({});
    return { name, password: "pass" };
  };
  /** As the team's owner. */
  const admin = (method: string, path: string, body?: unknown): Promise<Answered> => kliv.api(method, `/api/v1/teams/${team}${path}`, { token: owner.token, ...(body === undefined ? {} : { body }) });
  return {
    addresses: (id: string) => addressesOf(kliv.config, id),
    idp, kliv, team, owner, connection, saml, query, trust, connect, person, admin,
    async close() {
      await kliv.stop();
      await idp.close();
    },
  };
}

export type Corp = Awaited<ReturnType<typeof startCorp>>;
export const problemOf = (url: URL): string => `${url.pathname} ${url.searchParams.get("problem")}`;

/** Metadata of a provider that nobody runs. */
export async function idpMetadata(): Promise<string> {
  const { certificate } = await makeKeyPair({ name: "idp.example", clock: systemClock, bits: 2_048 });
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/metadata"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>`;
}
