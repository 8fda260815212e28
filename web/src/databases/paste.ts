import { useEffect } from "react";

/** Whether a text is an address that files are fetched from. */
export function isFileUrl(text: string): boolean {
  return URL.parse(text.trim())?.protocol === "https:" && !/\s/.test(text.trim());
}

/** Text from the clipboard as a file: cells copied from a spreadsheet come with tabs between them. */
export function fileOfText(text: string): File {
  const start = text.trimStart();
  const [firstLine = ""] = start.split(/\r?\n/, 1);
  const ending = /^[[{]/.test(start) ? "json" : firstLine.includes("\t") ? "tsv" : "csv";
  return new File([text], `pasted.${ending}`, { type: { json: "application/json", tsv: "text/tab-separated-values", csv: "text/csv" }[ending] });
}

const isWriting = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** Data, files and addresses of files that are pasted anywhere on the page but into a field. */
export function usePaste(onFiles: (files: File[]) => void, onUrl?: (url: string) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      if (isWriting(event.target) || document.querySelector("[role=dialog]")) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain") ?? "";
      // A spreadsheet offers its cells as text and as a picture: the text is meant.
      if (text.trim() === "" && files.length === 0) return;
      event.preventDefault();
      if (onUrl && isFileUrl(text)) onUrl(text.trim());
      else onFiles(text.trim() === "" ? files : [fileOfText(text)]);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, [onFiles, onUrl]);
}
