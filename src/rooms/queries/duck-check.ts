import { foldName } from "#src/access/rows.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { placeOf, readStatement } from "./sql.ts";

/** Of DuckDB's functions in FROM those that only make rows out of what they are given. All others read files, settings or other queries. */
const tableFunctions = new Set(["range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree"]);
/** Settings, logs, waiting, sequences, the session's own state, and what is meant for DuckDB's inside. */
const deniedFunctions = /^(?:current_setting|set_config|getvariable|getenv|write_log|parse_duckdb_log_message|sleep_ms|nextval|currval|setseed|current_query|current_query_id|current_connection_id|current_transaction_id|txid_current|in_search_path|stats|finalize|combine|create_sort_key|json_execute_serialized_sql|json_deserialize_sql|json_serialize_plan|pg_(?!typeof$).*|inet_.*|has_.*_privilege|duckdb_.*|pragma_.*|parquet_.*|read_.*|.*_scan|__.*|query|query_table|glob|which_secret|get_block_size)$/;
const volatileFunctions = /^(?:random|gen_random_uuid|uuid|uuidv[47]|now|today|current_date|current_time|current_timestamp|(?:current_)?localtime(?:stamp)?|get_current_.*|transaction_timestamp|reservoir_quantile|age|ago)$/;

/** Relations that are there without being made. A part of the query may not be called like one: its name does not hold everywhere. */
const builtInRelations = /^(?:duckdb_|pragma_|sqlite_|pg_|information_schema)/;

interface Checked {
  /** Two runs may give different rows. */
  isVolatile: boolean;
}

interface Node {
  [key: string]: unknown;
}

/**
 * Throws unless the text is one SELECT that reads the given tables and calculates. `tree` is what json_serialize_sql says of
 * it. This stands beside DuckDB's own lock on files and settings: it also keeps a query from seeing or changing what others
 * in the same process will meet.
 */
export function checkTree(tree: unknown, { sql, tables }: { sql: string; tables: string[] }): Checked {
  const { error, error_message: message, error_type: kind, position, statements } = tree as { error: boolean; error_message?: string; error_type?: string; position?: string; statements?: unknown[] };
  if (error) {
    const { verb = "", verbAt } = readStatement(sql);
    if (kind === "not implemented" && /only select/i.test(message ?? "")) {
      if (verb === "PIVOT") throw invalid(sql, "PIVOT needs its values here: PIVOT … ON column IN (value, …)", verbAt);
      throw new Problem("QUERY_NOT_READING", { values: { statement: verb }, ...placeOf(sql, verbAt) });
    }
    throw invalid(sql, message ?? "it cannot be read", position === undefined ? undefined : offsetIn(sql, Number(position)));
  }
  if (!Array.isArray(statements) || statements.length === 0) throw new Problem("QUERY_EMPTY");
  if (statements.length > 1) {
    const place = placeOf(sql, readStatement(sql).secondAt ?? 0);
    throw new Problem("QUERY_SEVERAL_STATEMENTS", { values: { ...place }, ...place });
  }
  const known = new Set(tables.map(foldName));
  const checked: Checked = { isVolatile: false };
  gatherExpressions(statements[0], { sql, known });
  walk(statements[0], (node) => checkNode(node, { sql, known, checked }));
  return checked;
}

/** The names that WITH gives to parts of the query. */
function gatherExpressions(statement: unknown, { sql, known }: { sql: string; known: Set<string> }): void {
  walk(statement, (node) => {
    const map = (node["cte_map"] as { map?: { key?: unknown }[] } | undefined)?.map ?? [];
    for (const { key } of map) {
      if (typeof key !== "string") continue;
      if (builtInRelations.test(foldName(key)) && !known.has(foldName(key))) throw denied(sql, key, undefined);
      known.add(foldName(key));
    }
  });
}

function checkNode(node: Node, { sql, known, checked }: { sql: string; known: Set<string>; checked: Checked }): void {
  const at = offsetIn(sql, Number(node["query_location"]));
  const type = node["type"];
  if (type === "TABLE_FUNCTION") {
    const { function_name: name } = node["function"] as { function_name: string };
    if (!tableFunctions.has(name.toLowerCase())) throw denied(sql, `${name}()`, at);
  }
  if (type === "SHOW_REF" && (node["query"] ?? null) === null) throw denied(sql, readStatement(sql).verb ?? "SHOW", at);
  if (type === "BASE_TABLE") {
    const { table_name: table, schema_name: schema, catalog_name: catalog } = node as { table_name: string; schema_name?: string; catalog_name?: string };
    if (!["", "main"].includes(foldName(schema ?? "")) || (catalog ?? "") !== "") throw denied(sql, [catalog, schema, table].filter(Boolean).join("."), at);
    if (!known.has(foldName(table))) throw invalid(sql, `Table with name ${table} does not exist in the columnar copy, which has the file's tables and not its views`, at);
  }
  // Some moments are written without brackets, as a column would be.
  if (type === "COLUMN_REF" && (node["column_names"] as string[]).length === 1 && volatileFunctions.test((node["column_names"] as string[])[0]!.toLowerCase())) checked.isVolatile = true;
  const name = node["function_name"];
  if (typeof name !== "string") return;
  const folded = name.toLowerCase();
  if (deniedFunctions.test(folded)) throw denied(sql, `${name}()`, at);
  if (volatileFunctions.test(folded)) checked.isVolatile = true;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  // By a list of its own rather than by calls: how deep it goes is the query's choice.
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (!Array.isArray(next)) visit(next as Node);
    for (const inner of Object.values(next)) if (typeof inner === "object" && inner !== null) waiting.push(inner);
  }
}

/** DuckDB counts bytes; nothing where it tells no place. */
function offsetIn(sql: string, bytes: number): number | undefined {
  if (!Number.isSafeInteger(bytes) || bytes < 0) return undefined;
  return Buffer.from(sql).subarray(0, bytes).toString().length;
}

function denied(sql: string, what: string, at: number | undefined): Problem {
  return new Problem("QUERY_DENIED", { values: { what }, ...(at === undefined ? {} : placeOf(sql, at)) });
}

function invalid(sql: string, message: string, at: number | undefined): Problem {
  return new Problem("QUERY_INVALID", { values: { engine: "DuckDB", message: message.slice(0, 500) }, ...(at === undefined ? {} : placeOf(sql, at)) });
}
