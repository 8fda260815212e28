import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { databaseData, descriptionsData, savedQueriesData } from "../api/data.ts";
import type { ColumnMeaning, Database, Engine, SavedQuery } from "../api/types.ts";
import type { Chart } from "../charts/chart.ts";
import { mainTable } from "../databases/tables.ts";
import { Waiting, useTitle } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { QueryDesk } from "./QueryDesk.tsx";
import { SavedQueries } from "./SavedQueries.tsx";
import { SchemaTree } from "./SchemaTree.tsx";
import type { SqlEditorHandle } from "./SqlEditor.tsx";
import { quoted } from "./sql.ts";

export function QueryPage() {
  const { database: id } = useParams({ from: "/inside/databases/$database/query" });
  const { saved } = useSearch({ from: "/inside/databases/$database/query" });
  const { team } = useSigned();
  const database = useQuery(databaseData(id));
  const queries = useQuery(savedQueriesData(team.id));
  const waiting = saved !== undefined && !queries.data && !queries.error;
  if (!database.data || waiting) return <Waiting query={database} />;
  return <QueryView key={`${id} ${saved ?? ""}`} database={database.data} saved={queries.data?.items.find((query) => query.id === saved) ?? null} />;
}

function QueryView({ database: plain, saved }: { database: Database; saved: SavedQuery | null }) {
  const words = useWords();
  const meanings = useQuery(descriptionsData(plain.id));
  const database = useMemo(() => withMeanings(plain, meanings.data?.items ?? []), [plain, meanings.data]);
  const search = useSearch({ from: "/inside/databases/$database/query" });
  const editor = useRef<SqlEditorHandle | null>(null);
  const draft = useDraft(database);
  const keepAddress = useAddress();
  const [start] = useState(() => ({
    ...(search.sql !== undefined ? { sql: search.sql, engine: search.engine ?? ("sqlite" as const) }
      : saved ? { sql: saved.sql, engine: saved.engine ?? ("sqlite" as const) } : draft.read() ?? { sql: firstSql(database), engine: "sqlite" as const }),
    chart: search.chart ? parse(search.chart) : saved?.chart ?? null,
    run: search.sql !== undefined || saved !== null,
  }));
  useTitle(words.queries.of(database.name));
  const tree = <SchemaTree tables={database.tables} onInsert={(text) => editor.current?.insert(text)} />;
  return (
    <div className="w-full px-4 sm:px-6 py-5 grid gap-6 lg:grid-cols-[250px_minmax(0,1fr)] max-w-[1500px] mx-auto">
      <aside className="max-lg:order-2 lg:border-r lg:border-line lg:pr-4 min-w-0">
        <div className="lg:sticky lg:top-[76px] lg:max-h-[calc(100dvh-96px)] lg:overflow-y-auto grid gap-6">
          <div>
            <h2 className="text-[0.84rem] text-ink-2 mb-1.5">{words.queries.schema}</h2>
            {tree}
          </div>
          <SavedQueries database={database.id} current={saved?.id ?? null} />
        </div>
      </aside>
      <div className="min-w-0">
        <div className="mb-3">
          <p className="text-[0.88rem]"><Link to="/databases/$database" params={{ database: database.id }} className="text-ink-2 hover:text-ink no-underline">{database.name}</Link></p>
          <h1 className="!text-[1.3rem]">{saved?.name ?? search.title ?? words.queries.title}</h1>
        </div>
        <QueryDesk database={database} start={start} saved={saved} title={saved?.name ?? search.title ?? ""} editor={editor} onChange={(now) => { draft.write(now); keepAddress(now); }} />
      </div>
    </div>
  );
}

/** The same database, with what the team says of its tables and columns. */
function withMeanings(database: Database, meanings: readonly ColumnMeaning[]): Database {
  const find = (table: string, column?: string): { words?: string } => {
    const words = meanings.find((one) => one.table === table && one.column === column)?.words;
    return words === undefined ? {} : { words };
  };
  return { ...database, tables: database.tables.map((table) => ({ ...table, ...find(table.name), columns: table.columns.map((column) => ({ ...column, ...find(table.name, column.name) })) })) };
}

const settleMs = 400;
const addressCharactersMax = 6_000;

/** Keeps what is asked in the address: going back and forth, reloading, and sending the address on lose nothing. */
function useAddress(): (now: { sql: string; engine: Engine; chart: Chart | null }) => void {
  const navigate = useNavigate({ from: "/databases/$database/query" });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(({ sql, engine, chart }) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const text = chart ? JSON.stringify(chart) : undefined;
      const fits = sql.length + (text?.length ?? 0) <= addressCharactersMax;
      void navigate({ search: (before) => ({ ...before, sql: fits ? sql : undefined, engine: fits && engine === "duckdb" ? engine : undefined, chart: fits ? text : undefined }), replace: true, resetScroll: false });
    }, settleMs);
  }, [navigate]);
}

function firstSql(database: Database): string {
  const table = mainTable(database.tables);
  return table ? `select *\nfrom ${quoted(table.name)}\nlimit 100` : "";
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** What was written last for a database, on this machine: a reload loses nothing. */
function useDraft(database: Database) {
  const key = `kliv.draft.${database.id}`;
  return {
    read(): { sql: string; engine: Engine } | null {
      const sql = localStorage.getItem(key);
      return sql === null ? null : { sql, engine: localStorage.getItem(`${key}.engine`) === "duckdb" ? "duckdb" : "sqlite" };
    },
    write({ sql, engine }: { sql: string; engine: Engine }) {
      try {
        localStorage.setItem(key, sql);
        localStorage.setItem(`${key}.engine`, engine);
      } catch {
        // The store is full or forbidden: the draft lives as long as the page.
      }
    },
  };
}
