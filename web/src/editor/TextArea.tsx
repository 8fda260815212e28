import { Field } from "../shell/Field.tsx";

interface TextAreaProps {
  label: string;
  hint?: string;
  error?: string | undefined;
  rows: number;
  value: string;
  maxLength: number;
  onText: (text: string) => void;
  onBlur?: () => void;
}

export function TextArea({ label, hint, error, onText, ...rest }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => <textarea {...control} {...rest} className="input !text-[0.9rem] !leading-relaxed resize-y" onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}
