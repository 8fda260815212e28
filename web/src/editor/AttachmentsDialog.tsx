import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { attachmentsData } from "../api/data.ts";
import type { Attachment } from "../api/types.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Empty } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { contentOf } from "./attach.ts";

/** All that the team has attached: to take one, or to delete what no report shows. */
export function AttachmentsDialog({ open, onClose, onTake }: { open: boolean; onClose: () => void; onTake: (attachment: Attachment) => void }) {
  const words = useWords();
  const { team } = useSigned();
  const [doomed, setDoomed] = useState<Attachment | null>(null);
  const client = useQueryClient();
  const { data, error } = useQuery({ ...attachmentsData(team.id), enabled: open });
  const remove = useMutation({
    mutationFn: (id: string) => call(`/api/v1/attachments/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSettled: () => client.invalidateQueries({ queryKey: ["attachments", team.id] }),
  });
  return (
    <Dialog open={open} onClose={onClose} title={words.editor.attachments} text={words.editor.attachmentsText} wide>
      <ProblemNotice error={error} />
      {data?.items.length === 0 ? <Empty icon={<FileText size={22} aria-hidden />} title={words.editor.noAttachments} text={words.editor.noAttachmentsText} /> : null}
      <ul className="grid gap-3 mt-3 max-h-[60vh] overflow-auto p-1" style={{ gridTemplateColumns: "repeat(auto-fill, minmax(9rem, 1fr))" }}>
        {(data?.items ?? []).map((one) => (
          <li key={one.id} className="grid gap-1 content-start">
            <button type="button" className="h-24 rounded-lg border border-line bg-paper-2 p-1 flex items-center justify-center overflow-hidden hover:border-accent" onClick={() => onTake(one)} aria-label={words.editor.useAttachment(one.name)}>
              {one.format === "pdf" ? <FileText size={28} aria-hidden /> : <img src={contentOf(one.id)} alt="" loading="lazy" className="h-full w-full object-contain" />}
            </button>
            <div className="flex items-start gap-1 text-[0.8rem]">
              <span className="grow min-w-0"><span className="block truncate" title={one.name}>{one.name}</span><Size bytes={one.sizeBytes} /></span>
              <IconButton label={words.editor.deleteAttachment(one.name)} onClick={() => setDoomed(one)}><Trash2 size={15} aria-hidden /></IconButton>
            </div>
          </li>
        ))}
      </ul>
      <div className="mt-4 text-right"><Button onClick={onClose}>{words.actions.close}</Button></div>
      <ConfirmDialog open={doomed !== null} onClose={() => setDoomed(null)} title={words.editor.deleteAttachment(doomed?.name ?? "")} text={words.editor.deleteAttachmentText} act={words.actions.delete}
        onConfirm={async () => { if (doomed) await remove.mutateAsync(doomed.id); }} />
    </Dialog>
  );
}

function Size({ bytes }: { bytes: number }) {
  const formats = useFormats();
  return <span className="text-ink-2">{formats.bytes(bytes)}</span>;
}
