import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useWords } from "../words/language.ts";
import { Button } from "./Button.tsx";

/** Copies a text and says that it did. */
export function CopyButton({ text, label }: { text: string; label?: string }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <Button size="small" aria-label={label ?? words.actions.copy} icon={copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />} onClick={() => void copy()}>
      <span aria-live="polite">{copied ? words.actions.copied : words.actions.copy}</span>
    </Button>
  );
}
