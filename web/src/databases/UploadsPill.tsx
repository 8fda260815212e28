import { Link } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { isUnderWay, useUploads } from "./uploads.ts";

/** In the header while files are on their way: how many, and the way to see them. */
export function UploadsPill() {
  const words = useWords();
  const formats = useFormats();
  const uploads = useUploads();
  const running = uploads.filter(isUnderWay);
  const ready = uploads.filter((upload) => upload.state === "ready" && upload.into === null).length;
  if (running.length === 0 && ready > 0) return <Link to="/databases/new" className="chip !bg-accent-soft !text-accent-2 min-h-7 no-underline"><Upload size={13} aria-hidden /> {words.previews.waitingFor(formats.number(ready))}</Link>;
  if (running.length === 0) return null;
  const total = running.reduce((sum, upload) => sum + upload.file.size, 0);
  const sent = running.reduce((sum, upload) => sum + upload.sentBytes, 0);
  return (
    <Link to="/databases/new" className="chip !bg-accent-soft !text-accent-2 min-h-7 no-underline" aria-label={`${words.databases.uploads}: ${running.length}`}>
      <Upload size={13} aria-hidden /> {running.length}{total === 0 ? "" : ` · ${Math.round((sent / total) * 100)} %`}
    </Link>
  );
}
