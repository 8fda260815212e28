import { Problem } from "./problems/problem.ts";

/** One OpenID provider that the operator has registered this installation with. */
export interface ProviderSettings {
  /** In addresses: lower case letters, digits and hyphens. */
  name: string;
  /** On buttons. */
  title: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

const prefix = "KLIV_OIDC_";
const parts = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET", "TITLE"] as const;
type Part = (typeof parts)[number];
const providersMax = 20;
const charactersMax = 2_000;

/** What is known of a provider without being told. */
const known: Record<string, Partial<Record<Part, string>>> = { GOOGLE: { ISSUER: "https://accounts.google.com", TITLE: "Google" } };

/**
 * `KLIV_OIDC_<NAME>_ISSUER`, `_CLIENT_ID`, `_CLIENT_SECRET` and `_TITLE`, in the order of their names. A variable that is
 * set to nothing counts as not set. `mayBePlain` says which hosts may be reached by plain HTTP. Throws CONFIG_INVALID, which
 * never quotes a secret.
 */
export function readProviders(variables: Record<string, string | undefined>, mayBePlain: (host: string) => boolean): ProviderSettings[] {
  const found = new Map<string, Partial<Record<Part, string>>>();
  for (const [variable, value] of Object.entries(variables)) {
    if (!variable.startsWith(prefix) || value === undefined || value === "") continue;
    const part = parts.find((one) => variable.endsWith(`_${one}`));
    const name = part === undefined ? "" : variable.slice(prefix.length, -part.length - 1);
    if (part === undefined || !/^[A-Z0-9]+(_[A-Z0-9]+)*$/.test(name)) refuse(variable, "set", `${prefix}NAME_${parts.join(` | ${prefix}NAME_`)}`);
    if (value.length > charactersMax || /[\p{Cc}]/u.test(value)) refuse(variable, "too long or with control characters", `at most ${charactersMax} characters`);
    found.set(name, { ...found.get(name), [part]: value });
  }
  if (found.size > providersMax) refuse(`${prefix}*`, `${found.size} providers`, `at most ${providersMax}`);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, given]) => readProvider({ name, given: { ...known[name], ...given }, mayBePlain }));
}

interface Given {
  name: string;
  given: Partial<Record<Part, string>>;
  mayBePlain(host: string): boolean;
}

function readProvider({ name, given, mayBePlain }: Given): ProviderSettings {
  const need = (part: Part, allowed: string): string => given[part] ?? refuse(`${prefix}${name}_${part}`, "not set", allowed);
  const clientId = need("CLIENT_ID", "the client id that the provider has given");
  const clientSecret = need("CLIENT_SECRET", "the client secret that the provider has given");
  const issuer = need("ISSUER", "the provider's https:// address");
  const url = URL.parse(issuer);
  // In the clear, anyone on the way could sign in as anyone. A provider for trying things out may run beside this program.
  const isPlain = url?.protocol === "http:" && mayBePlain(url.hostname);
  if (url === null || (url.protocol !== "https:" && !isPlain) || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    refuse(`${prefix}${name}_ISSUER`, issuer, "https://host[/path]");
  }
  return { name: name.toLowerCase().replaceAll("_", "-"), title: given.TITLE ?? name.toLowerCase().replaceAll("_", " "), issuer, clientId, clientSecret };
}

function refuse(name: string, value: string, allowed: string): never {
  throw new Problem("CONFIG_INVALID", { values: { name, value, allowed } });
}
