import { nameOf, placeOf, tokenize } from "./sql.ts";
import type { SqlPlace, Token } from "./sql.ts";

/** Tries to prepare a text and gives SQLite's message, or undefined if it can be prepared. */
export type TryPrepare = (sql: string) => string | undefined;

const triesMax = 64;

/** Where in the SQL the cause of SQLite's message stands, whenever that can be told. */
export function findPlace(sql: string, message: string, tryPrepare: TryPrepare): SqlPlace | undefined {
  const at = findOffset(sql, message, tryPrepare);
  return at === undefined ? undefined : placeOf(sql, at);
}

function findOffset(sql: string, message: string, tryPrepare: TryPrepare): number | undefined {
  const tokens = tokenize(sql);
  const near = /^near "([^]*)": syntax error/.exec(message);
  if (near !== null) return findSyntaxError(sql, tokens, near[1]!, tryPrepare);
  const illegal = /^unrecognized token: "([^]*)"/.exec(message);
  if (illegal !== null) return (tokens.find((token) => token.kind === "illegal") ?? firstText(tokens, illegal[1]!))?.at;
  if (message.startsWith("incomplete input")) return endOf(tokens);
  const functionName =
    /^no such function: (\S+)/.exec(message) ??
    /^(?:wrong number of arguments to function|misuse of (?:aliased )?(?:aggregate|window function)(?: function)?:?) (\w+)/.exec(message);
  if (functionName !== null) return findName(tokens, functionName[1]!, (next) => next?.text === "(")?.at;
  const name =
    /^no such column: ("?)([^]+?)\1(?: - should|$)/.exec(message)?.[2] ??
    /^(?:ambiguous column name|no such table|no such index|no such collation sequence|no tables specified for|no such window): ([^]+)$/.exec(message)?.[1] ??
    /^(?:cannot join using column) (\S+)/.exec(message)?.[1];
  return name === undefined ? undefined : findQualified(tokens, name)?.at;
}

/**
 * The parser stops at the first token that cannot follow, whatever comes after it. So the right one
 * among several alike is the first whose text up to and including it gives the same message.
 */
function findSyntaxError(sql: string, tokens: Token[], text: string, tryPrepare: TryPrepare): number | undefined {
  const alike = tokens.filter((token) => token.text === text).slice(0, triesMax);
  if (alike.length < 2) return alike[0]?.at;
  const message = `near "${text}": syntax error`;
  return alike.find((token) => tryPrepare(sql.slice(0, token.at + token.text.length)) === message)?.at;
}

function endOf(tokens: Token[]): number {
  const last = tokens.at(-1);
  return last === undefined ? 0 : last.at + last.text.length;
}

function firstText(tokens: Token[], text: string): Token | undefined {
  return tokens.find((token) => token.text === text || token.text.startsWith(text));
}

function isName(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === "word" || token.kind === "name");
}

function findName(tokens: Token[], name: string, nextFits: (next: Token | undefined) => boolean): Token | undefined {
  const wanted = name.toLowerCase();
  return tokens.find((token, index) => isName(token) && nameOf(token).toLowerCase() === wanted && nextFits(tokens[index + 1]));
}

/** `t.c`, `main.t` or a bare name; a name may itself hold dots when it is quoted. */
function findQualified(tokens: Token[], name: string): Token | undefined {
  const whole = findName(tokens, name, () => true);
  if (whole !== undefined) return whole;
  const parts = name.toLowerCase().split(".");
  for (let index = 0; index < tokens.length; index += 1) {
    const fits = parts.every((part, nth) => {
      const token = tokens[index + nth * 2];
      return isName(token) && nameOf(token!).toLowerCase() === part && (nth === 0 || tokens[index + nth * 2 - 1]?.text === ".");
    });
    if (fits) return tokens[index];
  }
  return parts.length > 1 ? findName(tokens, parts.at(-1)!, () => true) : undefined;
}
