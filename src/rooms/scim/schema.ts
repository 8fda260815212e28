import { Problem } from "#src/base/problems/problem.ts";
import type { Filter } from "./store.ts";

/* The shapes of SCIM 2.0 (RFC 7643, 7644), as far as Kliv keeps what they say. */

export const scimLimits = { bodyBytesMax: 1024 ** 2, pageItemsMax: 200, membersMax: 5_000, peopleMax: 20_000, operationsMax: 1_000 };

export const urn = {
  user: "urn:ietf:params:scim:schemas:core:2.0:User",
  group: "urn:ietf:params:scim:schemas:core:2.0:Group",
  list: "urn:ietf:params:scim:api:messages:2.0:ListResponse",
  error: "urn:ietf:params:scim:api:messages:2.0:Error",
  provider: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  type: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  schema: "urn:ietf:params:scim:schemas:core:2.0:Schema",
} as const;

/** What a directory says of a person; undefined is unsaid. */
export interface PersonSaid {
  userName?: string;
  name?: string;
  externalId?: string | null;
  isActive?: boolean;
}

export interface GroupSaid {
  name?: string;
  externalId?: string | null;
  /** All of them. */
  members?: string[];
  add: string[];
  remove: string[];
}

type Json = Record<string, unknown>;

const invalid = (reason: string): Problem => new Problem("REQUEST_INVALID", { values: { reason } });
export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown, max = 300): string | undefined => (typeof value === "string" && value.trim() !== "" && value.length <= max ? value.trim() : undefined);
/** Some directories write it as a text. */
const truth = (value: unknown): boolean | undefined => (typeof value === "boolean" ? value : typeof value === "string" && /^(true|false)$/i.test(value) ? value.toLowerCase() === "true" : undefined);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

/** Attribute names are told apart without regard to case (RFC 7643, 2.1). */
function folded(value: Json): Json {
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]));
}

function nameOf(said: Json): string | undefined {
  const parts = isObject(said["name"]) ? folded(said["name"]) : {};
  return text(said["displayname"]) ?? text(parts["formatted"]) ?? text([parts["givenname"], parts["familyname"]].filter((part) => typeof part === "string").join(" "));
}

export function readPerson(body: Json): PersonSaid {
  const said = folded(body);
  const emails = list(said["emails"]).filter(isObject).map(folded);
  const email = text((emails.find((one) => one["primary"] === true) ?? emails[0])?.["value"]);
  const userName = text(said["username"]);
  // Where the name is no address, the address is what identifies.
  const address = userName?.includes("@") ? userName : (email ?? userName);
  const [name, isActive] = [nameOf(said), truth(said["active"])];
  return {
    ...(address === undefined ? {} : { userName: address }), ...(name === undefined ? {} : { name }), ...(isActive === undefined ? {} : { isActive }),
    ...("externalid" in said ? { externalId: text(said["externalid"]) ?? null } : {}),
  };
}

interface Operation {
  op: string;
  path: string;
  value: unknown;
}

function operationsOf(body: Json): Operation[] {
  const operations = list(folded(body)["operations"]);
  if (operations.length === 0 || operations.length > scimLimits.operationsMax) throw invalid("Operations must be between 1 and 1000");
  return operations.map((one) => {
    if (!isObject(one)) throw invalid("an operation is an object");
    const { op, path = "", value } = folded(one);
    if (typeof op !== "string" || !/^(add|replace|remove)$/i.test(op) || typeof path !== "string" || path.length > 1_000) throw invalid("op must be add, replace or remove");
    return { op: op.toLowerCase(), path: path.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group):/i, ""), value };
  });
}

/** A PATCH of a person, as one saying: later operations count over earlier ones. */
export function readPersonPatch(body: Json): PersonSaid {
  let said: PersonSaid = {};
  for (const { op, path, value } of operationsOf(body)) {
    const name = path.toLowerCase();
    const change: Json = path === "" ? (isObject(value) ? value : {}) : /^emails\b/.test(name) && !Array.isArray(value) ? { emails: [{ value, primary: true }] } : name.startsWith("name.") ? { name: { [name.slice(5)]: value } } : { [name]: value };
    // Directories also write the path into the value's own names.
    const flat = Object.fromEntries(Object.entries(change).flatMap(([key, one]) => (/^name\./i.test(key) ? [["name", { [key.slice(5)]: one }]] : [[key, one]])));
    if (op !== "remove") said = { ...said, ...readPerson(flat) };
    else if (name === "externalid") said = { ...said, externalId: null };
    else if (name === "active") said = { ...said, isActive: false };
  }
  return said;
}

const idsOf = (value: unknown): string[] => {
  const ids = list(value).map((one) => text(isObject(one) ? folded(one)["value"] : one)).filter((one) => one !== undefined);
  if (ids.length > scimLimits.membersMax) throw invalid(`a group has at most ${scimLimits.membersMax} members`);
  return ids;
};

export function readGroup(body: Json): GroupSaid {
  const said = folded(body);
  const name = text(said["displayname"]);
  return {
    ...(name === undefined ? {} : { name }), ...("externalid" in said ? { externalId: text(said["externalid"]) ?? null } : {}), ...("members" in said ? { members: idsOf(said["members"]) } : {}), add: [], remove: [],
  };
}

/** The members of a group after one operation, told as what is added and removed in order, or as all of them. */
export function readGroupPatch(body: Json): GroupSaid {
  const said: GroupSaid = { add: [], remove: [] };
  for (const { op, path, value } of operationsOf(body)) {
    const one = /^members\[\s*value\s+eq\s+"([^"]+)"\s*\]$/i.exec(path)?.[1];
    const inner = path === "" && isObject(value) ? readGroup(value) : null;
    const members = one === undefined ? (path.toLowerCase() === "members" ? idsOf(value) : inner?.members) : [one];
    if (inner?.name !== undefined) said.name = inner.name;
    if (inner && "externalId" in inner) said.externalId = inner.externalId ?? null;
    if (path.toLowerCase() === "displayname" && op !== "remove") said.name = text(value) ?? said.name ?? "";
    if (path.toLowerCase() === "externalid") said.externalId = op === "remove" ? null : (text(value) ?? null);
    if (members === undefined) continue;
    if (op === "replace") Object.assign(said, { members, add: [], remove: [] });
    // To remove the attribute without saying whom is to remove all.
    else if (op === "remove" && members.length === 0) Object.assign(said, { members: [], add: [], remove: [] });
    else {
      const [to, from] = op === "add" ? (["add", "remove"] as const) : (["remove", "add"] as const);
      said[to].push(...members);
      said[from] = said[from].filter((id) => !members.includes(id));
    }
  }
  return said;
}

const filterable: Record<"user" | "group", readonly string[]> = { user: ["username", "externalid", "id", "emails.value", "emails"], group: ["displayname", "externalid", "id"] };

/** `attribute eq "value"`, which is what directories ask. Throws SCIM_FILTER_INVALID. */
export function readFilter(filter: string | undefined, kind: "user" | "group"): Filter | null {
  if (filter === undefined || filter.trim() === "") return null;
  const [, attribute = "", value = ""] = /^\s*([\w.:]+)\s+eq\s+("(?:[^"\\]|\\.){0,500}")\s*$/i.exec(filter) ?? [];
  const name = attribute.replace(/^urn:[\w:.]+:/i, "").toLowerCase();
  if (!filterable[kind].includes(name)) throw new Problem("SCIM_FILTER_INVALID");
  try {
    // A backslash before anything that JSON does not escape stands for itself.
    return { attribute: name, value: JSON.parse(value.replace(/\\(["\\/bfnrt]|u[\da-fA-F]{4})|\\/g, (all, known?: string) => (known === undefined ? "\\\\" : all))) as string };
  } catch {
    throw new Problem("SCIM_FILTER_INVALID");
  }
}
