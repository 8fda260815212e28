import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { call } from "../api/api.ts";
import { sourceData } from "../api/data.ts";
import type { Source } from "../api/arrivals.ts";
import type { Database } from "../api/types.ts";
import { Button } from "../shell/Button.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, Progress, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { SourceDialog } from "./SourceDialog.tsx";

/** Where a database is refreshed from, and how that went: for those who may change it. */
export function Refresh({ database }: { database: Database }) {
  const words = useWords();
  const source = useQuery(sourceData(database.id));
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={words.sources.title} text={words.sources.text}>
      <Loaded query={source} lines={2}>
        {({ source: set }) => set ? <State database={database} source={set} onChange={() => setOpen(true)} /> : (
          <div className="flex flex-wrap items-center gap-3">
            <p className="text-ink-2 grow">{words.sources.none}</p>
            <Button size="small" icon={<RefreshCw size={15} aria-hidden />} onClick={() => setOpen(true)}>{words.sources.set}</Button>
          </div>
        )}
      </Loaded>
      <SourceDialog key={String(isOpen)} database={database} source={source.data?.source ?? null} open={isOpen} onClose={() => setOpen(false)} />
    </Section>
  );
}

function State({ database, source, onChange }: { database: Database; source: Source; onChange: () => void }) {
  const words = useWords();
  const formats = useFormats();
  const client = useQueryClient();
  const path = `/api/v1/databases/${encodeURIComponent(database.id)}/source`;
  const show = (next: Source | null): void => void client.setQueryData(sourceData(database.id).queryKey, { source: next });
  const refresh = useMutation({ mutationFn: () => call<Source>(`${path}/refreshes`, { method: "POST" }), onSuccess: show });
  const remove = useMutation({
    mutationFn: () => call(path, { method: "DELETE" }),
    onSuccess() {
      show(null);
      say(words.sources.removed);
    },
  });
  const { isRunning, changedAt } = source;
  // When a refresh has ended, the database may have another version.
  const wasRunning = useRef(isRunning);
  useEffect(() => {
    if (wasRunning.current && !isRunning) {
      for (const queryKey of [["database", database.id], ["answer", database.id], ["databases"]]) void client.invalidateQueries({ queryKey });
    }
    wasRunning.current = isRunning;
  }, [isRunning, client, database.id]);
  return (
    <div className="grid gap-3">
      <div className="card p-4 grid gap-2.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <div className="grow min-w-0 basis-[260px]">
            <p className="font-medium break-all">{source.address}</p>
            <p className="text-[0.86rem] text-ink-2 flex flex-wrap gap-x-3 numeric">
              <span>{words.sources.every[source.every]}</span>
              {source.isPaused ? <span className="chip">{words.sources.paused}</span> : source.nextAt && !isRunning ? <time dateTime={source.nextAt}>{words.sources.next(formats.dateTime(source.nextAt))}</time> : null}
              {source.checkedAt ? <time dateTime={source.checkedAt} title={formats.dateTime(source.checkedAt)}>{words.sources.checked(formats.ago(source.checkedAt))}</time> : null}
              {changedAt ? <time dateTime={changedAt} title={formats.dateTime(changedAt)}>{words.sources.changed(formats.ago(changedAt))}</time> : source.checkedAt && source.failures === 0 ? <span>{words.sources.unchanged}</span> : null}
            </p>
          </div>
          <Button size="small" look={source.isPaused ? "primary" : "secondary"} icon={<RefreshCw size={15} aria-hidden />} disabled={isRunning || refresh.isPending} onClick={() => refresh.mutate()}>{words.sources.now}</Button>
          <Button size="small" onClick={onChange}>{words.sources.change}</Button>
          <Button size="small" look="quiet" disabled={remove.isPending} onClick={() => remove.mutate()}>{words.sources.remove}</Button>
        </div>
        {isRunning ? <div role="status"><Progress share={null} label={words.sources.running} /><p className="text-[0.86rem] text-ink-2 mt-1">{words.sources.running}</p></div> : null}
      </div>
      {source.problem && !isRunning ? (
        <Notice tone="bad" title={source.isPaused ? words.sources.pausedTitle : words.sources.failed(formats.number(source.failures))} role="status">
          <p className="font-medium">{source.problem.title}</p>
          <p>{source.problem.detail}</p>
          {source.isPaused ? <p className="mt-1">{words.sources.pausedText}</p> : null}
        </Notice>
      ) : null}
      <ProblemNotice error={refresh.error ?? remove.error} />
    </div>
  );
}
