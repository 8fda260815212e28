import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useRef } from "react";
import { call } from "../api/api.ts";
import type { Database, IndexAdvice } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

/** Which indexes the questions that were really asked would be faster with, and a version that has them. */
export function FasterAnswers({ database }: { database: Database }) {
  const words = useWords().indexes;
  const client = useQueryClient();
  const stop = useRef<AbortController | null>(null);
  const path = `/api/v1/databases/${encodeURIComponent(database.id)}`;
  const look = useMutation({
    mutationFn: () => {
      stop.current = new AbortController();
      return call<IndexAdvice>(`${path}/index-advice`, { method: "POST", body: {}, signal: stop.current.signal });
    },
  });
  const apply = useMutation({
    mutationFn: (advice: IndexAdvice) => call(`${path}/indexes`, { method: "POST", body: { indexes: advice.indexes } }),
    async onSuccess() {
      look.reset();
      await Promise.all([client.invalidateQueries({ queryKey: ["database", database.id] }), client.invalidateQueries({ queryKey: ["databases"] })]);
      say(words.applied);
    },
  });
  const advice = look.data;
  const isOld = advice !== undefined && advice.version !== database.version;
  return (
    <Section title={words.title}>
      <p className="text-ink-2 text-[0.9rem] mb-3">{words.text}</p>
      {look.isPending ? (
        <div className="flex flex-wrap items-center gap-3" role="status">
          <span className="text-ink-2">{words.looking}</span>
          <Button size="small" onClick={() => { stop.current?.abort(); look.reset(); }}>{words.stop}</Button>
        </div>
      ) : <Button icon={<Gauge size={16} aria-hidden />} onClick={() => look.mutate()}>{words.look}</Button>}
      <div className="mt-3 grid gap-3"><ProblemNotice error={look.error ?? apply.error} /></div>
      {advice ? <Found advice={advice} /> : null}
      {advice && advice.indexes.length > 0 ? (
        <div className="mt-3">{isOld ? <p className="text-ink-2">{words.changed}</p> : <Button look="primary" disabled={apply.isPending} onClick={() => apply.mutate(advice)}>{words.apply}</Button>}</div>
      ) : null}
    </Section>
  );
}

function Found({ advice }: { advice: IndexAdvice }) {
  const words = useWords().indexes;
  const formats = useFormats();
  if (advice.indexes.length === 0) return <p className="mt-3">{words.nothing}</p>;
  return (
    <div className="mt-3 grid gap-3">
      <ul className="list-disc pl-5">{advice.indexes.map(({ table, columns }) => <li key={`${table} ${columns.join()}`} className="font-mono text-[0.88rem]">{words.index(table, columns.join(", "))}</li>)}</ul>
      <div className="overflow-x-auto rounded-lg border border-line" tabIndex={0} role="group" aria-label={words.title}>
        <table className="w-full text-[0.86rem] numeric">
          <thead><tr className="text-left text-ink-2 border-b border-line">{[words.question, words.runs, words.before, words.after].map((head, at) => <th key={head} scope="col" className={`px-3 py-2 font-medium ${at > 0 ? "text-right" : ""}`}>{head}</th>)}</tr></thead>
          <tbody>
            {advice.queries.map(({ sql, runs, beforeMs, afterMs }) => (
              <tr key={sql} className="border-b border-line/60 last:border-0">
                <td className="px-3 py-2 font-mono text-[0.8rem] max-w-[32rem] truncate" title={sql}>{sql}</td>
                <td className="px-3 py-2 text-right">{formats.number(runs)}</td>
                <td className="px-3 py-2 text-right whitespace-nowrap">{formats.milliseconds(beforeMs)}</td>
                <td className={`px-3 py-2 text-right whitespace-nowrap ${afterMs < beforeMs * 0.9 ? "text-good font-medium" : ""}`}>{formats.milliseconds(afterMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="text-ink-2 text-[0.88rem]">{words.size(formats.bytes(advice.sizeBeforeBytes), formats.bytes(advice.sizeAfterBytes))}</p>
    </div>
  );
}
