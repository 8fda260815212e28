import { useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { Suspense, lazy, useEffect, useMemo, useRef } from "react";
import { Problem } from "../api/api.ts";
import { databaseData, databasesData } from "../api/data.ts";
import type { QueryAnswer } from "../api/types.ts";
import type { SqlEditorHandle } from "../queries/SqlEditor.tsx";
import type { AskingBlock } from "../reports/useAnswer.ts";
import { useAnswer } from "../reports/useAnswer.ts";
import { Button } from "../shell/Button.tsx";
import { SelectField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { useEditing, useEditorRoom } from "./context.ts";

const SqlEditor = lazy(() => import("../queries/SqlEditor.tsx"));

/** The answer that the block shows, for settings that choose among its columns. */
export function useShownAnswer(block: AskingBlock): QueryAnswer | null {
  const { values } = useEditorRoom();
  const { held } = useEditing();
  const { answer } = useAnswer(block, values.values, held?.block === block.id ? held.sql : undefined);
  return answer.isPlaceholderData ? null : (answer.data ?? null);
}

/** Which database is asked what. Control-Enter, the button and turning away show the answer. */
export function QuestionFields({ block }: { block: AskingBlock }) {
  const words = useWords();
  const { team } = useSigned();
  const { editor, values } = useEditorRoom();
  const { held } = useEditing();
  const databases = useQuery(databasesData(team.id));
  const isHeld = held?.block === block.id;
  const { answer } = useAnswer(block, values.values, isHeld ? held.sql : undefined);
  const items = databases.data?.items ?? [];
  const known = items.some(({ id }) => id === block.database);
  const problem = !isHeld && answer.error instanceof Problem ? answer.error : null;
  return (
    <div className="grid gap-3">
      <SelectField
        small label={words.editor.database} value={block.database}
        options={[...(known ? [] : [{ value: block.database, label: block.database === "" ? words.editor.chooseDatabase : block.database }]), ...items.map(({ id, name }) => ({ value: id, label: name }))]}
        onPick={(database) => editor.editBlock(block.id, { database })}
      />
      <div>
        <p className="label" aria-hidden>{words.editor.sql}</p>
        <div onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) editor.run(); }}>
          <Suspense fallback={<div className="skeleton h-[110px]" />}>
            <Sql block={block} label={words.editor.sql} problem={problem} />
          </Suspense>
          <div className="mt-1.5 flex items-center gap-2.5 min-w-0">
            <Button size="small" icon={<Play size={14} aria-hidden />} title="Ctrl-Enter" disabled={block.sql.trim() === ""} onClick={() => { if (isHeld) editor.run(); else void answer.refetch(); }}>{words.editor.preview}</Button>
            <Summary answer={answer.data} running={answer.isFetching} stale={isHeld} />
          </div>
        </div>
        {problem ? <div className="mt-2"><ProblemNotice error={problem} /></div> : null}
      </div>
    </div>
  );
}

function Summary({ answer, running, stale }: { answer: QueryAnswer | undefined; running: boolean; stale: boolean }) {
  const words = useWords();
  const formats = useFormats();
  const text = running ? words.state.loading : answer && !stale ? words.queries.summary(words.counts.rows(formats.number(answer.rowCount)), formats.milliseconds(answer.elapsedMs)) : "";
  return <p role="status" className="text-[0.82rem] text-ink-2 numeric truncate">{text}</p>;
}

function Sql({ block, label, problem }: { block: AskingBlock; label: string; problem: Problem | null }) {
  const { editor } = useEditorRoom();
  const database = useQuery({ ...databaseData(block.database), enabled: block.database !== "" });
  const handle = useRef<SqlEditorHandle>(null);
  const tables = useMemo(() => database.data?.tables ?? [], [database.data]);
  const wrongAt = useMemo(() => (problem?.line === undefined ? null : { line: problem.line, column: problem.column ?? 1 }), [problem]);
  // Undoing a step, or another's change, writes into it from outside.
  useEffect(() => handle.current?.replace(block.sql), [block.sql]);
  return <SqlEditor ref={handle} small initial={block.sql} tables={tables} label={label} onSql={(sql) => editor.writeSql(block.id, sql)} onRun={() => editor.run()} wrongAt={wrongAt} />;
}
