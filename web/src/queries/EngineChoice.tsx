import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Loader } from "lucide-react";
import { useEffect, useId } from "react";
import { columnarData } from "../api/data.ts";
import type { Engine } from "../api/types.ts";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

interface Props {
  database: string;
  engine: Engine;
  onEngine: (engine: Engine) => void;
  /** A question is being answered: the copy may be made just now. */
  running: boolean;
}

const lookMs = 2_000;

/** In whose SQL the question is written, and what there is to know about the copy that DuckDB answers from. */
export function EngineChoice({ database, engine, onEngine, running }: Props) {
  const words = useWords().queries.engine;
  const name = useId();
  const client = useQueryClient();
  const copy = useQuery({ ...columnarData(database), enabled: engine === "duckdb", refetchInterval: (query) => (query.state.data?.state === "asked" || (running && query.state.data?.state === "none") ? lookMs : false) });
  useEffect(() => {
    // The answer has come, and with it the copy.
    if (engine === "duckdb" && !running) void client.invalidateQueries({ queryKey: columnarData(database).queryKey });
  }, [client, database, engine, running]);
  const choices = [["sqlite", "SQLite"], ["duckdb", "DuckDB"]] as const;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-[0.88rem]">
      <fieldset className="flex items-center gap-2">
        <legend className="sr-only">{words.label}</legend>
        <span aria-hidden className="text-ink-2">{words.label}</span>
        <span className="inline-flex rounded-lg border border-line-2/70 p-0.5">
          {choices.map(([value, label]) => (
            <label key={value} className="relative cursor-pointer rounded-md px-2.5 py-1 text-ink-2 has-checked:bg-paper-3 has-checked:text-ink has-checked:font-medium has-focus-visible:outline-2 has-focus-visible:outline-accent">
              <input type="radio" name={name} value={value} checked={engine === value} onChange={() => onEngine(value)} className="absolute inset-0 opacity-0 cursor-pointer" />
              {label}
            </label>
          ))}
        </span>
      </fieldset>
      {engine === "duckdb" ? <CopyState state={copy.data?.state} sizeBytes={copy.data?.sizeBytes ?? null} /> : null}
    </div>
  );
}

function CopyState({ state, sizeBytes }: { state: "none" | "asked" | "ready" | "failed" | "closed" | undefined; sizeBytes: number | null }) {
  const words = useWords().queries.engine;
  const formats = useFormats();
  if (state === undefined) return null;
  const text = state === "ready" ? words.ready(formats.bytes(sizeBytes ?? 0)) : words[state];
  return (
    <p role="status" className={`flex min-w-0 items-center gap-1.5 ${state === "failed" || state === "closed" ? "text-bad" : "text-ink-2"}`}>
      {state === "asked" ? <Loader size={14} aria-hidden className="shrink-0 motion-safe:animate-spin" /> : null}
      {text}
    </p>
  );
}
