import { Expressions, holdDate } from "./expressions.ts";
import { fold } from "./names.ts";
import { Flaw } from "./question.ts";
import type { Aggregate, Group, Question, QuestionSchema, ValueType } from "./question.ts";
import { scopeOf } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { isNumber } from "./typed.ts";
import type { Typed, TypedAggregate, TypedGroup, TypedQuestion } from "./typed.ts";

/** Holds a question of the right shape to the schema of a version. Throws a Flaw with the place and what to do. */
export function resolve(question: Question, schema: QuestionSchema): TypedQuestion {
  const scope = scopeOf(question, schema);
  const expressions = new Expressions(scope, question);
  const names = new Names();
  const filter = question.filter ? expressions.test(question.filter, "/filter") : null;
  const groups = (question.groups ?? []).map((group, i) => groupOf(expressions, names, { group, at: `/groups/${i}` }));
  const aggregates = (question.aggregates ?? []).map((aggregate, i) => aggregateOf(expressions, names, { aggregate, at: `/aggregates/${i}` }));
  const isList = groups.length === 0 && aggregates.length === 0;
  if (!isList && question.columns) throw new Flaw("/columns", "what is grouped or aggregated shows its groups and aggregates only: leave out columns", "集計では groups と aggregates だけが表示されます。columns を外してください");
  if (!isList) holdRepeats(scope, aggregates);
  const columns = isList ? columnsOf(question, scope, expressions, names) : [];
  const sort = (question.sort ?? []).map(({ by, direction }, i) => ({ by: names.find(by, `/sort/${i}/by`), descending: direction === "descending" }));
  return { scope, filter, groups, aggregates, columns, sort, limit: question.limit ?? null, parameters: [...expressions.parameters.values()] };
}

/** The names of the answer's columns. */
class Names {
  private readonly taken = new Map<string, string>();

  add(given: string | undefined, usual: string, at: string): string {
    if (given !== undefined && this.taken.has(given.toLowerCase())) throw new Flaw(`${at}/name`, `the name ${given} is used twice`, `名前 ${given} が重複しています`);
    let name = given ?? usual;
    for (let number = 2; this.taken.has(name.toLowerCase()); number += 1) name = `${usual}_${number}`;
    this.taken.set(name.toLowerCase(), name);
    return name;
  }

  find(name: string, at: string): string {
    const found = this.taken.get(name.toLowerCase());
    if (found !== undefined) return found;
    const all = [...this.taken.values()].slice(0, 20).join(", ");
    throw new Flaw(at, `the answer has no column ${name}; it has ${all}`, `結果に列 ${name} はありません（ある列: ${all}）`);
  }
}

/** What an expression is called where nobody gave it a name. */
function usualName(value: Typed): string {
  if (value.node === "column") return value.column.name;
  if (value.node === "part") return `${usualName(value.of)}_${value.part}`;
  return value.node === "round" ? usualName(value.of) : "value";
}

function groupOf(expressions: Expressions, names: Names, { group, at }: { group: Group; at: string }): TypedGroup {
  const { bin = null } = group;
  const isNumberBin = typeof bin === "object" && bin !== null;
  const value = expressions.find(group.value, `${at}/value`, { expected: bin === null ? null : isNumberBin ? "number" : "date" });
  // To SQL, a number by itself is the place of a column.
  if (value.node === "literal" || value.node === "parameter") throw new Flaw(`${at}/value`, "it is the same for all rows: group by a column, or by what is calculated from one", "すべての行で同じ値になります。列、または列から計算した値を指定してください");
  if (typeof bin === "string") holdDate(value);
  if (isNumberBin && !isNumber(value.type) && value.type !== "any") throw new Flaw(`${at}/bin`, "bins with a width or a count are of numbers, and this is none", "width と count の区間は数値の列にだけ使えます");
  const type: ValueType = bin === null ? value.type : isNumberBin ? "real" : bin === "weekday" ? "integer" : bin === "hour" ? "datetime" : "date";
  const usual = "calculated" in group.value ? group.value.calculated : usualName(value);
  return { value, bin, type, name: names.add(group.name, typeof bin === "string" ? `${usual}_${bin}` : usual, at) };
}

const typeOfAggregate = (kind: Aggregate["kind"], of: Typed | null): ValueType => {
  if (kind === "count" || kind === "count distinct") return "integer";
  if (kind === "min" || kind === "max") return of?.type ?? "any";
  return kind === "sum" && of?.type === "integer" ? "integer" : "real";
};

function aggregateOf(expressions: Expressions, names: Names, { aggregate, at }: { aggregate: Aggregate; at: string }): TypedAggregate {
  const { kind } = aggregate;
  const isOfNumbers = kind === "sum" || kind === "average" || kind === "median" || kind === "share";
  const of = aggregate.of ? expressions.find(aggregate.of, `${at}/of`, { expected: isOfNumbers ? "number" : "text" }) : null;
  if (of === null && kind !== "count" && kind !== "share") throw new Flaw(`${at}/of`, `${kind} needs an expression: { "of": { "column": … } }`, `${kind} には対象の式が必要です: { "of": { "column": … } }`);
  if (of && isOfNumbers && !isNumber(of.type) && of.type !== "any") throw new Flaw(`${at}/of`, `${kind} takes numbers, and this is ${of.type}`, `${kind} に使えるのは数値だけです（これは ${of.type}）`);
  const words = kind.replaceAll(" ", "_");
  const named = aggregate.of && "calculated" in aggregate.of ? aggregate.of.calculated : of && usualName(of);
  return { kind, of, type: typeOfAggregate(kind, of), at, name: names.add(aggregate.name, named === null || named === "value" ? words : `${words}_${named}`, at) };
}

function columnsOf(question: Question, scope: Scope, expressions: Expressions, names: Names): TypedQuestion["columns"] {
  const { from } = scope;
  if (!question.columns) {
    return from.table.columns.map(({ name }, i) => {
      const at = `/columns/${i}`;
      return { value: expressions.find({ column: name, table: from.alias }, at), name: names.add(undefined, name, at) };
    });
  }
  return question.columns.map(({ value: given, name }, i) => {
    const value = expressions.find(given, `/columns/${i}/value`, { expected: "text" });
    return { value, name: names.add(name, "calculated" in given ? given.calculated : usualName(value), `/columns/${i}`) };
  });
}

/** Rows that a join repeats are counted and summed as often: only where somebody means it. */
function holdRepeats({ from, joins }: Scope, aggregates: TypedAggregate[]): void {
  const touched = aggregates.find(({ kind }) => kind !== "min" && kind !== "max" && kind !== "count distinct");
  const i = joins.findIndex((join) => join.repeats && !join.isMeant);
  if (!touched || i < 0) return;
  const join = joins[i]!;
  const columns = join.on.map(({ right }) => right.name).join(", ");
  throw new Flaw(`/joins/${i}`,
    `several rows of ${join.table.name} may have the same ${columns}, so the join repeats rows and "${touched.kind}" counts them more than once: begin with "from": "${join.table.name}", or say "multiplies": true where that is meant`,
    `${join.table.name} には ${columns} が同じ行が複数ありうるため、結合で行が重複し「${touched.kind}」が水増しされます。"from": "${join.table.name}" から始めるか、意図どおりなら "multiplies": true を指定してください（現在の from: ${from.table.name}）`);
}

/** Whether an answer's column is called like a column of a table, and means something else. */
export function isAmbiguous({ scope, groups, aggregates, columns }: TypedQuestion): boolean {
  const known = new Set([scope.from, ...scope.joins].flatMap(({ table }) => table.columns.map((column) => fold(column.name))));
  const isPlain = (value: Typed, name: string): boolean => value.node === "column" && value.column.name === name;
  return aggregates.some(({ name }) => known.has(name.toLowerCase())) ||
    groups.some(({ value, bin, name }) => known.has(name.toLowerCase()) && !(bin === null && isPlain(value, name))) ||
    columns.some(({ value, name }) => known.has(name.toLowerCase()) && !isPlain(value, name));
}
