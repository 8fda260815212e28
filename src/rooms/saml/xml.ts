/* Reads XML strictly and in a small dialect: what two parsers could understand differently is refused and not interpreted. */

export interface XmlAttribute {
  name: string;
  local: string;
  /** Empty for an attribute without a prefix. */
  ns: string;
  value: string;
}

export interface XmlElement {
  local: string;
  ns: string;
  attributes: XmlAttribute[];
  children: (XmlElement | string)[];
}

/** What was found, for the log; never shown to who sent it. */
export class XmlError extends Error {}

const limits = { depthMax: 40, elementsMax: 4_000, attributesMax: 40 };
const nameSource = "[A-Za-z_][\\w.-]{0,99}";
const qualified = new RegExp(`^(?:(${nameSource}):)?(${nameSource})$`);
const tag = new RegExp(`<((?:${nameSource}:)?${nameSource})((?:\\s+(?:${nameSource}:)?${nameSource}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, "y");
const attribute = new RegExp(`((?:${nameSource}:)?${nameSource})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "g");
const endTag = new RegExp(`</((?:${nameSource}:)?${nameSource})\\s*>`, "y");
const declaration = /^<\?xml\s+version\s*=\s*(?:"1\.0"|'1\.0')(?:\s+encoding\s*=\s*(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>/;
// eslint-disable-next-line no-control-regex
const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/;
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const namespaceNames = /^(?:https?:\/\/|urn:)[^\s<>"']+$/;
const xmlNamespace = "http://www.w3.org/XML/1998/namespace";

/** Throws XmlError. Comments are refused unless they are to be `skipped`, where nothing is signed. */
export function readXml(text: string, options: { comments?: "skipped" } = {}): XmlElement {
  if (forbiddenCharacter.test(text)) throw new XmlError("a control character");
  const plain = options.comments === "skipped" ? text.replace(/<!--(?:(?!--)[\s\S])*-->/g, "") : text;
  const body = plain.replace(declaration, "").replace(/\r\n?/g, "\n");
  if (/<[!?]/.test(body)) throw new XmlError("a comment, a document type, CDATA or a processing instruction");
  return new Reader(body).read();
}

interface Open {
  name: string;
  element: XmlElement;
  namespaces: ReadonlyMap<string, string>;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #elements = 0;
  readonly #open: Open[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): XmlElement {
    this.#skipSpace();
    const root = this.#begin();
    while (this.#open.length > 0) {
      if (this.#text.startsWith("</", this.#at)) this.#close();
      else if (this.#text[this.#at] === "<") this.#begin();
      else this.#characters();
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) throw new XmlError("something after the end");
    return root;
  }

  #skipSpace(): void {
    while (/[ \t\n]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #begin(): XmlElement {
    tag.lastIndex = this.#at;
    const match = tag.exec(this.#text);
    if (!match) throw new XmlError("not well-formed");
    this.#at = tag.lastIndex;
    if (++this.#elements > limits.elementsMax || this.#open.length >= limits.depthMax) throw new XmlError("too many elements");
    const [, name = "", rest = "", empty] = match;
    const { element, namespaces } = this.#element(name, [...rest.matchAll(attribute)].map(([, key = "", double, single]) => [key, double ?? single ?? ""]));
    this.#open.at(-1)?.element.children.push(element);
    if (empty === "") this.#open.push({ name, element, namespaces });
    return element;
  }

  #element(name: string, raw: [string, string][]): { element: XmlElement; namespaces: ReadonlyMap<string, string> } {
    if (raw.length > limits.attributesMax) throw new XmlError("too many attributes");
    if (new Set(raw.map(([key]) => key)).size !== raw.length) throw new XmlError("an attribute twice");
    const namespaces = new Map(this.#open.at(-1)?.namespaces ?? [["xml", xmlNamespace]]);
    for (const [key, value] of raw) {
      const prefix = key === "xmlns" ? "" : key.startsWith("xmlns:") ? key.slice(6) : null;
      if (prefix === null) continue;
      // A relative name of a namespace makes canonicalization fail in some libraries, which then sign nothing.
      if (/^xml/i.test(prefix) || value === xmlNamespace || !namespaceNames.test(value)) throw new XmlError("a namespace that is none");
      namespaces.set(prefix, value);
    }
    const resolve = (text: string, isAttribute: boolean): { ns: string; local: string } => {
      const [, prefix, local = ""] = qualified.exec(text) ?? [];
      if (prefix === undefined) return { ns: isAttribute ? "" : (namespaces.get("") ?? ""), local };
      const ns = namespaces.get(prefix);
      if (ns === undefined) throw new XmlError("a prefix of no namespace");
      return { ns, local };
    };
    const attributes = raw.filter(([key]) => key !== "xmlns" && !key.startsWith("xmlns:")).map(([key, value]) => ({ name: key, ...resolve(key, true), value: decode(value.replace(/[\t\n]/g, " ")) }));
    if (new Set(attributes.map(({ ns, local }) => `${ns} ${local}`)).size !== attributes.length) throw new XmlError("an attribute twice, by two prefixes");
    return { element: { ...resolve(name, false), attributes, children: [] }, namespaces };
  }

  #close(): void {
    endTag.lastIndex = this.#at;
    const match = endTag.exec(this.#text);
    const open = this.#open.pop();
    if (!match || match[1] !== open?.name) throw new XmlError("not well-formed");
    this.#at = endTag.lastIndex;
  }

  #characters(): void {
    const end = this.#text.indexOf("<", this.#at);
    const text = this.#text.slice(this.#at, end === -1 ? undefined : end);
    const parent = this.#open.at(-1);
    if (parent === undefined || end === -1 || text.includes("]]>")) throw new XmlError("text where none may be");
    parent.element.children.push(decode(text));
    this.#at = end;
  }
}

function decode(text: string): string {
  return text.replace(/&([^;&]{0,10})(;?)/g, (_, name: string, end: string) => {
    const number = /^#(?:(\d{1,7})|x([\da-fA-F]{1,6}))$/.exec(name);
    const code = number ? Number.parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 16 : 10) : null;
    const letter = code === null ? (Object.hasOwn(entities, name) ? entities[name] : undefined) : code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
    if (end === "" || letter === undefined || forbiddenCharacter.test(letter)) throw new XmlError("an entity that is none");
    return letter;
  });
}

export const elementsOf = (element: XmlElement): XmlElement[] => element.children.filter((child): child is XmlElement => typeof child !== "string");
export const childrenOf = (element: XmlElement, ns: string, local: string): XmlElement[] => elementsOf(element).filter((child) => child.ns === ns && child.local === local);
/** Of an attribute without a prefix. */
export const valueOf = (element: XmlElement, local: string): string | null => element.attributes.find((one) => one.ns === "" && one.local === local)?.value ?? null;

/** The only child of this name, or null. Throws XmlError for several. */
export function childOf(element: XmlElement, ns: string, local: string): XmlElement | null {
  const [first = null, second] = childrenOf(element, ns, local);
  if (second) throw new XmlError(`several ${local}`);
  return first;
}

/** The text of an element that holds nothing else. Throws XmlError where it holds elements. */
export function textOf(element: XmlElement): string {
  if (element.children.some((child) => typeof child !== "string")) throw new XmlError(`elements within ${element.local}`);
  return element.children.join("").trim();
}

/** The element and all within it, with what stands above each. */
export function* walk(element: XmlElement, parents: XmlElement[] = []): Generator<{ element: XmlElement; parents: XmlElement[] }> {
  yield { element, parents };
  for (const child of elementsOf(element)) yield* walk(child, [...parents, element]);
}
