import { useQueryClient } from "@tanstack/react-query";
import { asProblem } from "../api/api.ts";
import type { Attachment } from "../api/types.ts";
import { sayProblem } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { attach } from "./attach.ts";

/** A second is long for who sees nothing happen. */
const patienceMs = 700;

/** Attaches a file and says what became of it; null where it was refused. */
export function useAttach(): (file: File) => Promise<Attachment | null> {
  const words = useWords();
  const client = useQueryClient();
  const { team } = useSigned();
  return async (file) => {
    const timer = setTimeout(() => say(words.editor.attaching(file.name)), patienceMs);
    try {
      const attachment = await attach(team.id, file);
      await client.invalidateQueries({ queryKey: ["attachments", team.id] });
      const told = attachment.notes.flatMap(({ code, names = [] }) => words.editor.attachmentNotes[code]?.(names.join(", ")) ?? []);
      if (told.length > 0) say(told.join(" "));
      return attachment;
    } catch (error) {
      const { title, detail } = sayProblem(asProblem(error), words);
      say(detail || title);
      return null;
    } finally {
      clearTimeout(timer);
    }
  };
}
