import { useNavigate } from "@tanstack/react-router";
import { UploadCloud } from "lucide-react";
import { useEffect, useState } from "react";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { addUploads } from "./uploads.ts";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Files dropped on any page are uploaded. */
export function DropAnywhere() {
  const words = useWords();
  const { team } = useSigned();
  const navigate = useNavigate();
  const [shown, show] = useState(false);
  useEffect(() => {
    // Entering a child comes before leaving its parent: only the count tells when the window is left.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth += 1;
      show(true);
    };
    const leave = (): void => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) show(false);
    };
    const over = (event: DragEvent): void => { if (hasFiles(event)) event.preventDefault(); };
    const end = (): void => {
      depth = 0;
      show(false);
    };
    const drop = (event: DragEvent): void => {
      end();
      const files = [...(event.dataTransfer?.files ?? [])];
      if (event.defaultPrevented || files.length === 0) return;
      event.preventDefault();
      addUploads({ files, team: team.id });
      void navigate({ to: "/databases/new" });
    };
    // A drop that a smaller target takes still ends the dragging.
    const all: [string, EventListener, boolean][] = [
      ["dragenter", enter as EventListener, false], ["dragleave", leave as EventListener, false], ["dragover", over as EventListener, false], ["drop", end as EventListener, true], ["drop", drop as EventListener, false],
    ];
    for (const [name, listener, capture] of all) addEventListener(name, listener, capture);
    return () => { for (const [name, listener, capture] of all) removeEventListener(name, listener, capture); };
  }, [team.id, navigate]);
  if (!shown) return null;
  return (
    <div className="fixed inset-3 z-40 rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90 flex flex-col items-center justify-center pointer-events-none text-accent-2" aria-hidden>
      <UploadCloud size={44} />
      <p className="font-semibold text-[1.1rem] mt-2">{words.home.dropNow}</p>
    </div>
  );
}
