/** What Ajv says of a request that is not of its route's shape. */
export interface SchemaError {
  instancePath?: string;
  keyword?: string;
  message?: string;
  params?: Record<string, unknown>;
}

type Say = (params: Record<string, unknown>) => { en: string; ja: string };

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** By keyword of JSON Schema. What is not here is said in Ajv's words. */
const says: Record<string, Say> = {
  required: ({ missingProperty }) => ({ en: `lacks "${text(missingProperty)}"`, ja: `"${text(missingProperty)}" がありません` }),
  additionalProperties: ({ additionalProperty }) => ({ en: `has "${text(additionalProperty)}", which is not known there`, ja: `"${text(additionalProperty)}" は指定できません` }),
  type: ({ type }) => ({ en: `must be of type ${text(type)}`, ja: `型は ${text(type)} でなければなりません` }),
  const: ({ allowedValue }) => ({ en: `must be ${JSON.stringify(allowedValue)}`, ja: `${JSON.stringify(allowedValue)} でなければなりません` }),
  enum: ({ allowedValues }) => oneOf(allowedValues as unknown[]),
  minLength: ({ limit }) => ({ en: limit === 1 ? "must not be empty" : `must have at least ${text(limit)} characters`, ja: limit === 1 ? "空にできません" : `${text(limit)} 文字以上でなければなりません` }),
  maxLength: ({ limit }) => ({ en: `must have at most ${text(limit)} characters`, ja: `${text(limit)} 文字以下でなければなりません` }),
  minItems: ({ limit }) => ({ en: `must have at least ${text(limit)} items`, ja: `${text(limit)} 件以上必要です` }),
  maxItems: ({ limit }) => ({ en: `must have at most ${text(limit)} items`, ja: `${text(limit)} 件までです` }),
  maxProperties: ({ limit }) => ({ en: `must have at most ${text(limit)} entries`, ja: `項目は ${text(limit)} 個までです` }),
  minimum: ({ limit }) => ({ en: `must be at least ${text(limit)}`, ja: `${text(limit)} 以上でなければなりません` }),
  maximum: ({ limit }) => ({ en: `must be at most ${text(limit)}`, ja: `${text(limit)} 以下でなければなりません` }),
  discriminator: ({ tag, tagValue }) => ({ en: `has the ${text(tag)} ${JSON.stringify(tagValue ?? null)}, which is not known`, ja: `${text(tag)} に ${JSON.stringify(tagValue ?? null)} は指定できません` }),
  pattern: ({ pattern }) => ({ en: `must match ${text(pattern)}`, ja: `${text(pattern)} の形式でなければなりません` }),
};

function oneOf(values: unknown[]): { en: string; ja: string } {
  const list = values.map((value) => JSON.stringify(value)).join(", ");
  return { en: `must be one of ${list}`, ja: `${list} のいずれかでなければなりません` };
}

/**
 * The place and the reason of a refusal, in both languages. Of the alternatives of a union Ajv tells each one's
 * complaint: where they all want another constant at one place, the constants are told together.
 */
export function complaintOf(errors: readonly SchemaError[], context: string): { reason: string; reasonJa: string } {
  // "Or null" is the least of what could be meant.
  const first = errors.find(({ keyword, params }) => keyword !== "type" || params?.["type"] !== "null") ?? errors[0] ?? {};
  const place = `${context}${first.instancePath ?? ""}`;
  const constants = errors.filter((error) => error.keyword === "const" && error.instancePath === first.instancePath).map((error) => error.params?.["allowedValue"]);
  const said = constants.length > 1 ? oneOf([...new Set(constants)]) : says[first.keyword ?? ""]?.(first.params ?? {});
  const other = first.message ?? "is not valid";
  return { reason: `${place} ${said?.en ?? other}`, reasonJa: `${place}: ${said?.ja ?? other}` };
}
