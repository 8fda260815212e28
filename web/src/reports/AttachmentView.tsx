import { useQuery } from "@tanstack/react-query";
import { FileText } from "lucide-react";
import { attachmentData } from "../api/data.ts";
import { contentOf } from "../editor/attach.ts";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

/** A picture, or a document as a link to it. */
export function AttachmentView({ id, alt, className, maxHeight }: { id: string; alt: string; className: string; maxHeight?: number }) {
  const words = useWords();
  const formats = useFormats();
  const { data, error } = useQuery(attachmentData(id));
  if (error) return <ProblemNotice error={error} heading={words.reports.blockFailed} />;
  if (!data) return <div role="status" aria-label={words.state.loading} className="skeleton grow" style={{ minHeight: 48 }} />;
  if (data.format !== "pdf") return <img src={contentOf(id)} alt={alt} className={className} style={maxHeight === undefined ? {} : { maxHeight }} />;
  return (
    <div>
      <a href={contentOf(id)} download className="inline-flex items-center gap-2 font-medium"><FileText size={18} aria-hidden />{data.name}</a>
      <p className="text-ink-2 text-[0.85rem]">PDF · {words.reports.pages(data.pages ?? 1)} · {formats.bytes(data.sizeBytes)}</p>
      {alt === "" ? null : <p>{alt}</p>}
    </div>
  );
}
