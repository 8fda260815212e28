/**
 * A tokenizer for SQLite's SQL (https://sqlite.org/src/file/src/tokenize.c), for what must be known
 * about a query beside its answer: where its statements begin, its parameters, the place of an error.
 */
export type TokenKind = "word" | "name" | "string" | "number" | "blob" | "parameter" | "operator" | "semicolon" | "illegal";

export interface Token {
  kind: TokenKind;
  text: string;
  /** Offset into the SQL, in UTF-16 units. */
  at: number;
}

export interface SqlParameter {
  /** As written: `:city`, `@city`, `$city`, `?3`, `?`. */
  written: string;
  /** What a value is given under: `city`; the number for `?3`; for `?` its position. */
  name: string;
  at: number;
}

export interface SqlPlace {
  /** 1-based. */
  line: number;
  /** 1-based, in characters. */
  column: number;
}

// Sticky, one alternative a kind; what matches none is one illegal character.
const space = /(?:[ \t\n\f\r\uFEFF]+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?)+/y;
const shapes: [TokenKind, RegExp][] = [
  ["blob", /[xX]'(?:[0-9a-fA-F]{2})*'/y],
  ["word", /[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_$\u0080-\uFFFF]*/y],
  ["number", /(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)/y],
  ["string", /'(?:[^']|'')*'/y],
  ["name", /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
  ["parameter", /\?[0-9]*|[:@#][A-Za-z0-9_$\u0080-\uFFFF]+|\$[A-Za-z0-9_$\u0080-\uFFFF]+(?:::[A-Za-z0-9_$\u0080-\uFFFF]*)*(?:\([^\s)]*\))?/y],
  ["semicolon", /;/y],
  ["operator", /\|\||->>|->|<<|>>|<=|>=|<>|==|!=|[-+*/%=<>&|~(),.]/y],
];

/** The tokens of an SQL text, comments and space left out. Never throws. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    space.lastIndex = at;
    if (space.test(sql)) {
      at = space.lastIndex;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): Token {
  for (const [kind, shape] of shapes) {
    shape.lastIndex = at;
    if (shape.test(sql)) return { kind, text: sql.slice(at, shape.lastIndex), at };
  }
  // An unclosed quote reaches to the end; anything else is one character.
  const rest = "'\"`[".includes(sql[at]!) ? sql.slice(at) : sql[at]!;
  return { kind: "illegal", text: rest, at };
}

export interface ReadStatement {
  /** The first token's text in capitals, or undefined when there is no statement. */
  verb: string | undefined;
  verbAt: number;
  parameters: SqlParameter[];
  /** Where a second statement begins. */
  secondAt: number | undefined;
}

/** What is to be known of a query before it is prepared. */
export function readStatement(sql: string): ReadStatement {
  const tokens = tokenize(sql);
  const first = tokens.findIndex((token) => token.kind !== "semicolon");
  const end = first < 0 ? -1 : tokens.findIndex((token, index) => index > first && token.kind === "semicolon");
  const second = end < 0 ? undefined : tokens.find((token, index) => index > end && token.kind !== "semicolon");
  const own = first < 0 ? [] : tokens.slice(first, end < 0 ? undefined : end);
  return {
    verb: own[0]?.text.toUpperCase(),
    verbAt: own[0]?.at ?? 0,
    parameters: numberParameters(own),
    secondAt: second?.at,
  };
}

/** Names the parameters as SQLite numbers them: `?` is one more than the largest number so far. */
function numberParameters(tokens: Token[]): SqlParameter[] {
  const byNumber = new Map<number, SqlParameter>();
  const numbers = new Map<string, number>();
  let largest = 0;
  for (const { kind, text, at } of tokens) {
    if (kind !== "parameter") continue;
    const explicit = text[0] === "?" && text.length > 1;
    const number = explicit ? Number(text.slice(1)) : (numbers.get(text) ?? largest + 1);
    largest = Math.max(largest, number);
    if (text !== "?") numbers.set(text, number);
    const known = byNumber.get(number);
    // `?1` after `?` is the same parameter, which SQLite then calls ?1; after `:a` it stays :a.
    if (known?.written === "?") known.written = text;
    else if (known === undefined) byNumber.set(number, { written: text, name: text[0] === "?" ? String(number) : text.slice(1), at });
  }
  return [...byNumber.values()];
}

/** Line and column of an offset. */
export function placeOf(sql: string, at: number): SqlPlace {
  const before = sql.slice(0, at);
  const lineAt = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let next = before.indexOf("\n"); next >= 0; next = before.indexOf("\n", next + 1)) line += 1;
  return { line, column: Array.from(before.slice(lineAt)).length + 1 };
}

/** The name that a token means: without its quotes. */
export function nameOf(token: Token): string {
  const { text } = token;
  if (token.kind !== "name" && token.kind !== "string") return text;
  const quote = text[0] === "[" ? "]" : text[0]!;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}
