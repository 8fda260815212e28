import { Type } from "typebox";
import type { TSchema } from "typebox";
import { aggregateKinds, arithmetics, comparisons, dateBins, dateParts, dateUnits, parameterTypes, questionLimits as limits, textTests } from "./question.ts";

const closed = { additionalProperties: false };
const object = (properties: Record<string, TSchema>): TSchema => Type.Object(properties, closed);
const optional = (schema: TSchema): TSchema => Type.Optional(schema);
const oneOf = (values: readonly string[]): TSchema => Type.Unsafe({ type: "string", enum: [...values] });
const ref = (name: string): TSchema => Type.Unsafe({ $ref: `#/$defs/${name}` });
const list = (items: TSchema, maxItems: number, minItems = 0): TSchema => Type.Array(items, { minItems, maxItems });

const name = Type.String({ minLength: 1, maxLength: limits.nameCharactersMax });
const parameterName = Type.String({ pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$" });
const scalar = Type.Union([Type.String({ maxLength: limits.textCharactersMax }), Type.Number(), Type.Boolean()]);
const expression = ref("expression");
const condition = ref("condition");
const operand = ref("operand");
const whole = (minimum: number, maximum: number): TSchema => Type.Integer({ minimum, maximum });
const op = (value: string): TSchema => Type.Literal(value);

const expressions = Type.Union([
  object({ column: name, table: optional(name) }),
  object({ calculated: name }),
  object({ value: Type.Union([scalar, Type.Null()]) }),
  object({ parameter: parameterName, type: optional(oneOf(parameterTypes)) }),
  object({ op: oneOf([...arithmetics, "concat"]), of: list(expression, limits.operandsMax, 2) }),
  object({ op: op("round"), of: expression, digits: optional(whole(0, 15)) }),
  object({ op: op("part"), part: oneOf(dateParts), of: expression }),
  object({ op: op("case"), when: list(object({ if: condition, value: expression }), limits.operandsMax, 1), else: optional(expression) }),
]);

const conditions = Type.Union([
  object({ and: list(condition, limits.conditionsMax, 1) }),
  object({ or: list(condition, limits.conditionsMax, 1) }),
  object({ not: condition }),
  object({ value: expression, is: oneOf([...comparisons, ...textTests]), to: operand, optional: optional(Type.Boolean()) }),
  object({ value: expression, is: oneOf(["between", "during"]), from: operand, to: operand }),
  object({ value: expression, is: oneOf(["in", "not in"]), to: Type.Union([list(scalar, limits.listMax, 1), object({ parameter: parameterName })]) }),
  object({ value: expression, is: oneOf(["empty", "not empty"]) }),
  object({ value: expression, is: op("last"), count: whole(1, limits.periodsMax), unit: oneOf(dateUnits), day: optional(parameterName), complete: optional(Type.Boolean()) }),
]);

const join = object({
  table: name, as: optional(name), kind: optional(oneOf(["left", "inner"])), multiplies: optional(Type.Boolean()),
  on: optional(list(object({ left: object({ column: name, table: optional(name) }), right: name }), 10, 1)),
});

const bin = Type.Union([oneOf(dateBins), object({ width: Type.Number({ exclusiveMinimum: 0 }) }), object({ count: whole(1, limits.binsMax) })]);

/** The published shape of a question: what read.ts holds it to. */
export function questionSchema(): Record<string, unknown> {
  const question = object({
    schema: Type.Literal(1),
    from: name,
    joins: optional(list(join, limits.joinsMax)),
    calculated: optional(list(object({ name, value: expression }), limits.calculatedMax)),
    filter: optional(condition),
    groups: optional(list(object({ value: expression, bin: optional(bin), name: optional(name) }), limits.groupsMax)),
    aggregates: optional(list(object({ kind: oneOf(aggregateKinds), of: optional(expression), name: optional(name) }), limits.aggregatesMax)),
    columns: optional(list(object({ value: expression, name: optional(name) }), limits.columnsMax, 1)),
    sort: optional(list(object({ by: name, direction: optional(oneOf(["ascending", "descending"])) }), limits.sortMax)),
    limit: optional(whole(1, limits.rowsMax)),
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema", title: "Kliv question 1", ...question,
    $defs: { expression: expressions, condition: conditions, operand: Type.Union([scalar, expression]) },
  };
}
