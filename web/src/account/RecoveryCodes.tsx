import { Download, Printer } from "lucide-react";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

/** The codes, this once: to copy, to download, to print. */
export function RecoveryCodes({ codes, onClose }: { codes: string[] | null; onClose: () => void }) {
  const words = useWords();
  const formats = useFormats();
  const { me } = useSigned();
  const text = (codes ?? []).join("\n");
  const head = words.factors.fileHead(me.user.email, formats.date(new Date().toISOString()));
  const download = (): void => {
    const url = URL.createObjectURL(new Blob([`${head}\n\n${text}\n`], { type: "text/plain;charset=utf-8" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: words.factors.fileName });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <Dialog open={codes !== null} onClose={onClose} title={words.factors.codesTitle} text={words.factors.codesText}>
      <div data-printed>
        <p className="hidden print:block mb-3">{head}</p>
        <ol className="grid grid-cols-1 min-[420px]:grid-cols-2 gap-x-6 gap-y-1.5 rounded-lg bg-paper-3 px-4 py-3 font-mono text-[0.95rem]">
          {(codes ?? []).map((code) => <li key={code}>{code}</li>)}
        </ol>
      </div>
      <div className="mt-4 flex flex-wrap gap-2">
        <CopyButton text={text} />
        <Button size="small" icon={<Download size={15} aria-hidden />} onClick={download}>{words.factors.download}</Button>
        <Button size="small" icon={<Printer size={15} aria-hidden />} onClick={() => window.print()}>{words.factors.print}</Button>
      </div>
      <div className="mt-5 flex justify-end"><Button look="primary" onClick={onClose}>{words.factors.kept}</Button></div>
    </Dialog>
  );
}
