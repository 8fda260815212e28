import { useQuery } from "@tanstack/react-query";
import { profileData } from "../api/data.ts";
import type { ColumnProfile as Profile } from "../api/types.ts";
import { Loaded } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import type { Formats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

interface Props {
  database: string;
  version: string;
  table: string;
  column: string;
}

/** What stands in a column: how much of it is empty, how it is spread, what is frequent. */
export function ColumnProfile(props: Props) {
  const query = useQuery(profileData(props));
  return <Loaded query={query} lines={4}>{(profile) => <Shown profile={profile} column={props.column} />}</Loaded>;
}

function Shown({ profile, column }: { profile: Profile; column: string }) {
  const words = useWords().catalog;
  const formats = useFormats();
  const { rows, nulls, distinct, average, least, greatest, isSample, top, blobs } = profile;
  if (rows === nulls) return <p className="text-ink-2 text-[0.84rem]">{words.nothing}</p>;
  const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(rows === 0 ? 0 : nulls / rows);
  return (
    <div className="grid gap-3 text-[0.84rem]">
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 numeric">
        <Fact name={words.nulls} value={`${formats.number(nulls)} (${share})`} />
        <Fact name={words.distinct} value={formats.number(distinct)} />
        {least === null ? null : <Fact name={words.range} value={`${text(least, formats)} … ${text(greatest, formats)}`} />}
        {average === null ? null : <Fact name={words.average} value={formats.number(Number(average.toPrecision(6)))} />}
      </dl>
      {profile.histogram ? <Histogram histogram={profile.histogram} column={column} /> : null}
      {top.length > 0 && distinct < rows - nulls ? <Top top={top} filled={rows - nulls} /> : null}
      {blobs > 0 ? <p className="text-ink-2">{words.blobs}</p> : null}
      {isSample ? <p className="text-ink-2">{words.sample(formats.number(rows))}</p> : null}
    </div>
  );
}

const text = (value: string | number | null, formats: Formats): string => (typeof value === "number" ? formats.number(value) : (value ?? ""));

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words">{value}</dd>
    </>
  );
}

const [chartWidth, chartHeight] = [240, 64];

function Histogram({ histogram: { kind, bins }, column }: { histogram: NonNullable<Profile["histogram"]>; column: string }) {
  const words = useWords().catalog;
  const formats = useFormats();
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const width = chartWidth / bins.length;
  const name = ({ from, to, count }: (typeof bins)[number]): string => {
    const many = formats.number(count);
    return kind === "date" ? words.dateBin(String(from), many) : words.bin(text(from, formats), text(to, formats), many);
  };
  const [first, last] = [bins[0], bins.at(-1)];
  return (
    <figure>
      <figcaption className="text-ink-2 mb-1">{words.spread}</figcaption>
      <svg viewBox={`0 0 ${chartWidth} ${chartHeight}`} role="img" aria-label={`${words.spreadOf(column)}. ${bins.slice(0, 30).map(name).join("; ")}`} className="w-full h-16" preserveAspectRatio="none">
        {bins.map((bin, at) => {
          // What is there at all can be seen.
          const height = bin.count === 0 ? 0 : Math.max(1.5, (bin.count / most) * (chartHeight - 2));
          return <rect key={String(bin.from)} x={at * width + 0.5} y={chartHeight - height} width={Math.max(0.5, width - 1)} height={height} fill="var(--accent)"><title>{name(bin)}</title></rect>;
        })}
      </svg>
      <div className="flex justify-between text-ink-2 text-[0.76rem] numeric" aria-hidden>
        <span>{text(first?.from ?? null, formats)}</span>
        <span>{kind === "date" ? String(last?.from ?? "") : text(last?.to ?? null, formats)}</span>
      </div>
    </figure>
  );
}

function Top({ top, filled }: { top: Profile["top"]; filled: number }) {
  const words = useWords().catalog;
  const formats = useFormats();
  const most = top[0]?.count ?? 1;
  return (
    <div>
      <p className="text-ink-2 mb-1">{words.top}</p>
      <ol className="grid gap-0.5">
        {top.map(({ value, count }) => (
          <li key={`${typeof value} ${value}`} className="relative flex gap-2 px-1.5 py-0.5 rounded overflow-hidden" title={`${Math.round((count / filled) * 1_000) / 10} %`}>
            <span aria-hidden className="absolute inset-y-0 left-0 bg-accent/15" style={{ width: `${(count / most) * 100}%` }} />
            <span className="relative grow min-w-0 truncate">{value === "" ? words.emptyText : text(value, formats)}</span>
            <span className="relative numeric text-ink-2">{formats.number(count)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
