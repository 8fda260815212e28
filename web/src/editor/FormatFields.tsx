import type { ValueFormat } from "#src/rooms/reports/schema.ts";
import { Check, SelectField, TextField } from "../shell/Field.tsx";
import { useWords } from "../words/language.ts";

const kinds = ["auto", "number", "percent", "currency", "date", "text"] as const;
const currencies = ["JPY", "USD", "EUR", "GBP", "CNY", "KRW", "AUD", "CAD", "CHF", "INR", "SGD", "TWD", "THB"];
const decimals = ["auto", "0", "1", "2", "3", "4"];

/** How a value is written; undefined where it says nothing. */
export function FormatFields({ format, onFormat }: { format: ValueFormat | undefined; onFormat: (format: ValueFormat | undefined) => void }) {
  const words = useWords();
  const { kind = "auto", currency = "JPY" } = format ?? {};
  const numeric = kind !== "date" && kind !== "text";
  const set = (part: Partial<ValueFormat>): void => {
    const next = Object.fromEntries(Object.entries({ ...format, ...part }).filter(([, value]) => value !== undefined && value !== false)) as ValueFormat;
    onFormat(Object.keys(next).length === 0 ? undefined : next);
  };
  const pickKind = (picked: (typeof kinds)[number]): void => {
    if (picked === "auto") return set({ kind: undefined, currency: undefined });
    if (picked === "date" || picked === "text") return onFormat({ kind: picked });
    set({ kind: picked, currency: picked === "currency" ? currency : undefined });
  };
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-2.5 items-end">
      <SelectField small label={words.editor.format} value={kind} options={kinds.map((value) => ({ value, label: words.editor.formats[value] }))} onPick={pickKind} />
      {kind === "currency" ? <CurrencyField currency={currency} onCurrency={(next) => set({ currency: next })} /> : null}
      {numeric ? (
        <SelectField small label={words.editor.decimals} value={format?.decimals === undefined ? "auto" : String(format.decimals)} options={decimals.map((value) => ({ value, label: value === "auto" ? words.editor.formats.auto : value }))}
          onPick={(value) => set({ decimals: value === "auto" ? undefined : Number(value) })} />
      ) : null}
      {numeric ? <div className="col-span-2"><Check small label={words.editor.compact} checked={format?.compact ?? false} onCheck={(compact) => set({ compact: compact || undefined })} /></div> : null}
    </div>
  );
}

function CurrencyField({ currency, onCurrency }: { currency: string; onCurrency: (currency: string) => void }) {
  const words = useWords();
  return (
    <>
      <TextField key={currency} small label={words.editor.currency} defaultValue={currency} maxLength={3} list="currencies" autoCapitalize="characters" spellCheck={false}
        onText={(text) => { if (/^[A-Za-z]{3}$/.test(text)) onCurrency(text.toUpperCase()); }} />
      <datalist id="currencies">{currencies.map((one) => <option key={one} value={one} />)}</datalist>
    </>
  );
}
