import { tokenize } from "./sql.ts";
import type { Token } from "./sql.ts";

/** The values that a condition may name: the person's, bound, never pasted. Not their name, which they choose themselves. */
export const conditionParameters = [":user_id", ":user_email", ":groups"] as const;

export const conditionCharactersMax = 2_000;

/** Where the connection holds the person's values. */
export interface PersonPlaces {
  /** A table of one row with the columns user_id and user_email. */
  person: string;
  /** A table with the column name. */
  groups: string;
}

/**
 * A rule's condition as one SQL expression whose parameters are read from `places`. Throws an Error that says what is wrong
 * with it where it is not one expression: a text that closes a parenthesis it did not open would end the view around it.
 */
export function compileCondition(condition: string, places: PersonPlaces): string {
  const tokens = tokenize(condition);
  if (tokens.length === 0) throw new Error("the condition is empty");
  if (condition.length > conditionCharactersMax) throw new Error(`the condition has more than ${conditionCharactersMax} characters`);
  if (!condition.isWellFormed() || condition.includes("\0")) throw new Error("the condition has characters that no text has");
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind === "illegal" || kind === "semicolon") throw new Error(`near "${text.slice(0, 40)}": a condition is one expression`);
    if (kind === "operator" && text === "(") depth += 1;
    if (kind === "operator" && text === ")") depth -= 1;
    if (depth < 0) throw new Error('near ")": there is no parenthesis to close');
  }
  if (depth > 0) throw new Error('a ")" is missing');
  // Joined anew from its tokens: a comment of the condition's cannot swallow what follows it.
  return tokens.map((_, at) => write(tokens, at, places)).join(" ");
}

function write(tokens: Token[], at: number, places: PersonPlaces): string {
  const { kind, text } = tokens[at]!;
  if (kind !== "parameter") return text;
  const name = conditionParameters.find((known) => known === text.toLowerCase());
  if (name === undefined) throw new Error(`${text.slice(0, 40)} is not known; a condition may use ${conditionParameters.join(", ")}`);
  if (name !== ":groups") return `(select ${name.slice(1)} from ${places.person})`;
  const isAlone = tokens[at - 1]?.text === "(" && tokens[at + 1]?.text === ")";
  const before = tokens[at - (isAlone ? 2 : 1)];
  if (before?.kind !== "word" || before.text.toLowerCase() !== "in") throw new Error(":groups is a list: write column IN (:groups)");
  // Within the condition's own parentheses a second pair would make one value of the list.
  return isAlone ? `select name from ${places.groups}` : `(select name from ${places.groups})`;
}
