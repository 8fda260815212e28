import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, Globe } from "lucide-react";
import { call } from "../api/api.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { Loaded } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

interface PublicationState {
  publication: { slug: string; url: string; publishedAt: string } | null;
  hindrance: "rules" | "restricted" | "contents" | null;
}

const pathOf = (database: string): string => `/api/v1/databases/${encodeURIComponent(database)}/publication`;

// Asked anew with each look: rules and sharing change it from elsewhere.
const publicationData = (database: string) =>
  queryOptions({ queryKey: ["database", database, "publication"], staleTime: 0, queryFn: ({ signal }) => call<PublicationState>(pathOf(database), { signal }) });

/** Opens a database to everyone, says whether it is shown, and takes it back. */
export function PublicDialog({ database, open, onClose }: { database: string; open: boolean; onClose: () => void }) {
  const words = useWords().publicdata;
  const { actions } = useWords();
  const client = useQueryClient();
  const state = useQuery({ ...publicationData(database), enabled: open });
  const change = useMutation({
    mutationFn: (method: "POST" | "DELETE") => call(pathOf(database), { method }),
    async onSuccess(_, method) {
      await client.invalidateQueries({ queryKey: ["database", database, "publication"] });
      if (method === "DELETE") say(words.withdrawn);
    },
  });
  return (
    <Dialog open={open} onClose={() => { change.reset(); onClose(); }} title={words.title}>
      <Loaded query={state} lines={4}>
        {({ publication, hindrance }) => (
          <div className="grid gap-4">
            {publication ? <Opened publication={publication} hindrance={hindrance} fresh={change.isSuccess} /> : (
              <>
                <p className="text-ink-2">{words.text}</p>
                {hindrance ? <Notice>{words.hindrance[hindrance]}</Notice> : <Notice>{words.who}</Notice>}
              </>
            )}
            <ProblemNotice error={change.error} />
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={onClose}>{actions.close}</Button>
              {publication ? <Button look="danger" disabled={change.isPending} onClick={() => change.mutate("DELETE")}>{words.withdraw}</Button>
                : <Button look="primary" disabled={change.isPending || hindrance !== null} onClick={() => change.mutate("POST")}>{words.publish}</Button>}
            </div>
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

function Opened({ publication, hindrance, fresh }: { publication: NonNullable<PublicationState["publication"]>; hindrance: PublicationState["hindrance"]; fresh: boolean }) {
  const words = useWords().publicdata;
  const formats = useFormats();
  return (
    <Notice tone={hindrance ? "plain" : "good"} role={fresh ? "status" : undefined} title={hindrance ? words.isHeld : words.isOpen}>
      {hindrance ? <p>{words.hindrance[hindrance]} {words.again}</p> : <p>{fresh ? words.opened : words.since(formats.dateTime(publication.publishedAt))} {words.who}</p>}
      <div className="mt-2.5 flex flex-wrap gap-2">
        <input readOnly className="input input-small grow !w-auto min-w-0 basis-[200px] font-mono !text-[0.82rem]" aria-label={words.address} value={publication.url} onFocus={(event) => event.target.select()} />
        <CopyButton text={publication.url} label={words.copyAddress} />
        <a href={publication.url} target="_blank" rel="noreferrer" className={buttonClass({ size: "small" })}><ExternalLink size={14} aria-hidden />{words.openPage}</a>
      </div>
    </Notice>
  );
}

/** Among the facts of a database: that strangers see it, with the way there. */
export function PublicMark({ database }: { database: string }) {
  const words = useWords().publicdata;
  const { data } = useQuery(publicationData(database));
  if (!data?.publication) return null;
  const { publication: { url }, hindrance } = data;
  if (hindrance) return <span className="inline-flex items-center gap-1"><Globe size={14} aria-hidden />{words.isHeld}</span>;
  return <a href={url} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1"><Globe size={14} aria-hidden />{words.page}</a>;
}
