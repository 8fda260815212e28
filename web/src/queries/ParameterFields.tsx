import { Check } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";

export interface ParameterText {
  text: string;
  asText: boolean;
}

interface Props {
  names: string[];
  /** Before a name, as the SQL writes it. */
  sign: ":" | "$";
  values: Record<string, ParameterText>;
  onValues: (values: Record<string, ParameterText>) => void;
  onRun: () => void;
}

/** A field for each :name in the SQL. */
export function ParameterFields({ names, sign, values, onValues, onRun }: Props) {
  const words = useWords();
  if (names.length === 0) return null;
  return (
    <fieldset className="rounded-lg border border-line bg-paper-2 px-3 py-2.5">
      <legend className="text-[0.84rem] font-semibold px-1">{words.queries.parameters}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {names.map((name) => {
          const value = values[name] ?? { text: "", asText: false };
          const put = (part: Partial<ParameterText>): void => onValues({ ...values, [name]: { ...value, ...part } });
          return (
            <div key={name} className="grid gap-0.5">
              <label className="text-[0.84rem] font-mono text-ink-2" htmlFor={`parameter-${name}`}>{sign}{name}</label>
              <input id={`parameter-${name}`} className="input input-small w-[180px]" value={value.text} onChange={(event) => put({ text: event.target.value })} onKeyDown={(event) => { if (event.key === "Enter") onRun(); }} />
              <Check small label={words.queries.asText} checked={value.asText} onCheck={(asText) => put({ asText })} />
            </div>
          );
        })}
      </div>
      <p className="hint">{words.queries.parameterHint}</p>
    </fieldset>
  );
}
