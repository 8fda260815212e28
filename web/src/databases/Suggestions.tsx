import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answerData, suggestionsData } from "../api/data.ts";
import type { Database, Suggestion } from "../api/types.ts";
import { ChartView } from "../charts/ChartView.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

const chartPixels = 210;

/** The charts that a table, or without one the whole database, suggests by itself, drawn. */
export function Suggestions({ database, table }: { database: Database; table: string | undefined }) {
  const words = useWords();
  const suggestions = useQuery(suggestionsData(database.id, table));
  return (
    <Section title={words.databases.suggestions} text={words.databases.suggestionsText}>
      <Loaded query={suggestions} lines={3}>
        {({ items }) => items.length === 0 ? <p className="text-ink-2">{words.databases.noSuggestions}</p> : (
          <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {items.map((suggestion, i) => <SuggestionCard key={i} database={database.id} suggestion={suggestion} />)}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function SuggestionCard({ database, suggestion }: { database: string; suggestion: Suggestion }) {
  const formats = useFormats();
  const { title } = suggestion;
  const answer = useQuery(answerData(database, { sql: suggestion.sql }));
  return (
    <li className="card relative p-4 hover:border-accent transition-colors">
      <h3 className="text-[0.95rem] font-semibold mb-2 pr-2">
        <Link to="/databases/$database/query" params={{ database }} search={{ sql: suggestion.sql, chart: JSON.stringify(suggestion.chart), title }} className="text-ink no-underline after:absolute after:inset-0 after:z-10 after:rounded-[10px]">{title}</Link>
      </h3>
      {answer.data ? <ChartView chart={suggestion.chart} result={answer.data} title={title} height={chartPixels} />
        : answer.error ? <ProblemNotice error={answer.error} /> : <div className="skeleton" style={{ height: chartPixels }} />}
      {answer.data ? <p className="text-[0.8rem] text-ink-2 mt-1 numeric">{formats.milliseconds(answer.data.elapsedMs)}</p> : null}
    </li>
  );
}
