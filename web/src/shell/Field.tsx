import { Eye, EyeOff } from "lucide-react";
import { useId, useState } from "react";
import type { ComponentProps, ReactNode } from "react";
import { useWords } from "../words/language.ts";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Given what the control needs to belong to its label. */
  children: (control: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
}

/** A control with its label, a hint, and what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ") || undefined;
  return (
    <div>
      <label className="label" htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described, "aria-invalid": error ? true : undefined })}
      {error ? <p id={`${id}-error`} className="hint !text-bad">{error}</p> : null}
      {hint ? <p id={`${id}-hint`} className="hint">{hint}</p> : null}
    </div>
  );
}

type TextProps = Omit<FieldProps, "children"> & Omit<ComponentProps<"input">, "children" | "onChange"> & { onText?: (text: string) => void; small?: boolean };

export function TextField({ label, hint, error, onText, small, className = "", ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <input className={`input ${small ? "input-small" : ""} ${className}`} {...control} {...rest} onChange={(event) => onText?.(event.target.value)} />}
    </Field>
  );
}

export function PasswordField({ label, hint, error, onText, ...rest }: TextProps) {
  const words = useWords();
  const [shown, show] = useState(false);
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <span className="relative block">
          <input className="input pr-11" type={shown ? "text" : "password"} {...control} {...rest} onChange={(event) => onText?.(event.target.value)} />
          <button
            type="button"
            aria-pressed={shown}
            aria-label={words.account.showPassword}
            title={words.account.showPassword}
            className="absolute right-1 top-1 size-[30px] inline-flex items-center justify-center rounded text-ink-2 hover:text-ink"
            onClick={() => show(!shown)}
          >
            {shown ? <EyeOff size={16} aria-hidden /> : <Eye size={16} aria-hidden />}
          </button>
        </span>
      )}
    </Field>
  );
}

interface SelectProps<T extends string> extends Omit<FieldProps, "children" | "label"> {
  label: string;
  /** The label is said, not shown. */
  bare?: boolean;
  small?: boolean;
  value: T;
  options: readonly { value: T; label: string }[];
  onPick: (value: T) => void;
  disabled?: boolean;
  className?: string;
}

/** The browser's own select: it works everywhere, by keyboard and on phones. */
export function SelectField<T extends string>({ label, bare, small, value, options, onPick, hint, error, disabled, className = "" }: SelectProps<T>) {
  const list = options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>);
  const classes = `input pr-7 ${small ? "input-small" : ""} ${className}`;
  const pick = (event: { target: { value: string } }): void => onPick(event.target.value as T);
  if (bare) return <select aria-label={label} className={classes} value={value} onChange={pick} disabled={disabled}>{list}</select>;
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <select className={classes} {...control} value={value} onChange={pick} disabled={disabled}>{list}</select>}
    </Field>
  );
}

export function Check({ label, checked, onCheck, small }: { label: string; checked: boolean; onCheck: (checked: boolean) => void; small?: boolean }) {
  return (
    <label className={`inline-flex items-center gap-2 min-h-7 ${small ? "text-[0.88rem]" : ""}`}>
      <input type="checkbox" className="size-4 accent-accent" checked={checked} onChange={(event) => onCheck(event.target.checked)} />
      {label}
    </label>
  );
}
