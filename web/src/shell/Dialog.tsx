import { Dialog as Radix } from "radix-ui";
import { X } from "lucide-react";
import { useId, useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { useWords } from "../words/language.ts";
import { Button, IconButton } from "./Button.tsx";
import { TextField } from "./Field.tsx";
import { ProblemNotice } from "./Notice.tsx";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ open, onClose, title, text, wide, children }: DialogProps) {
  const words = useWords();
  return (
    <Radix.Root open={open} onOpenChange={(now) => { if (!now) onClose(); }}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40 dark:bg-black/60" />
        <Radix.Content
          {...(text ? {} : { "aria-describedby": undefined })}
          className={`fixed z-50 inset-x-0 bottom-0 sm:bottom-auto sm:inset-x-auto sm:left-1/2 sm:top-[12vh] sm:-translate-x-1/2 w-full ${wide ? "sm:max-w-[640px]" : "sm:max-w-[460px]"} max-h-[88dvh] sm:max-h-[76vh] overflow-y-auto overscroll-contain rounded-t-2xl sm:rounded-xl border border-line bg-paper p-5 sm:p-6 shadow-2xl focus:outline-none motion-safe:animate-[rise_160ms_ease-out]`}
        >
          <div className="flex items-start gap-3">
            <Radix.Title className="grow text-[1.15rem]">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={words.actions.close} className="-mr-2 -mt-1"><X size={18} aria-hidden /></IconButton>
            </Radix.Close>
          </div>
          {text ? <Radix.Description className="text-ink-2 mt-1.5">{text}</Radix.Description> : null}
          <div className="mt-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  title: string;
  text: string;
  /** What the button says: the act itself. */
  act: string;
  /** Must be typed, where the loss is great. */
  word?: string;
  onConfirm: () => Promise<unknown>;
}

/** Asks in words before something is lost. */
export function ConfirmDialog({ open, onClose, title, text, act, word, onConfirm }: ConfirmProps) {
  const words = useWords();
  const form = useId();
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const close = (): void => {
    setTyped("");
    setError(null);
    onClose();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const ready = word === undefined || typed.trim() === word.trim();
  return (
    <Dialog open={open} onClose={close} title={title} text={text}>
      <form id={form} onSubmit={(event) => void submit(event)} className="grid gap-4">
        {word === undefined ? null : <TextField label={words.confirm.typeName(word)} value={typed} onText={setTyped} autoComplete="off" autoFocus />}
        {error ? <ProblemNotice error={error} /> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={close}>{words.actions.cancel}</Button>
          <Button look="danger" type="submit" disabled={!ready || busy}>{act}</Button>
        </div>
      </form>
    </Dialog>
  );
}
