import { ArrowLeftRight, Sparkles } from "lucide-react";
import { useId, useState } from "react";
import type { QueryAnswer } from "../api/types.ts";
import { Problem } from "../api/api.ts";
import { Button, IconButton } from "../shell/Button.tsx";
import { Check, SelectField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useLanguage, useWords } from "../words/language.ts";
import { channelOf, channelsFor, chartFor, kindOf, markNames, markOf, withChannel, withMark } from "./chart.ts";
import type { Channel, ChannelName, Chart, MarkName } from "./chart.ts";
import { MarkIcon } from "./MarkIcon.tsx";

interface BuilderProps {
  chart: Chart;
  result: Pick<QueryAnswer, "columns" | "rows">;
  onChart: (chart: Chart) => void;
}

/** Picks a mark and fields; every choice is drawn at once by whoever shows the chart. */
export function ChartBuilder({ chart, result, onChart }: BuilderProps) {
  const words = useWords();
  const mark = markOf(chart);
  const options = typeof chart.mark === "string" ? {} : chart.mark;
  const swap = (): void => onChart(withChannel(withChannel(chart, "x", channelOf(chart, "y")), "y", channelOf(chart, "x")));
  return (
    <div className="grid gap-4">
      <fieldset>
        <legend className="label">{words.charts.mark}</legend>
        <div className="grid grid-cols-4 gap-1.5">
          {markNames.map((name) => (
            <label key={name} className="flex flex-col items-center justify-center gap-1 rounded-lg border border-line py-2 px-1 text-[0.76rem] text-center leading-tight has-[:checked]:border-accent has-[:checked]:bg-accent-soft has-[:focus-visible]:outline-2 outline-accent">
              <input type="radio" name="mark" className="sr-only" checked={mark === name} onChange={() => onChart(withMark(chart, name))} />
              <MarkIcon mark={name} />
              {words.charts.marks[name]}
            </label>
          ))}
        </div>
      </fieldset>
      <div className="grid gap-3">
        {channelsFor(mark).map((name) => <ChannelFields key={name} name={name} chart={chart} result={result} onChart={onChart} />)}
      </div>
      <StackField chart={chart} mark={mark} onChart={onChart} />
      {mark === "arc" ? (
        <Check small label={words.charts.hole} checked={(options as { innerRadius?: number }).innerRadius !== undefined}
          onCheck={(on) => onChart({ ...chart, mark: on ? { ...options, type: "arc", innerRadius: 50 } : "arc" })} />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {mark === "arc" ? null : <Button size="small" icon={<ArrowLeftRight size={14} aria-hidden />} onClick={swap}>{words.charts.swap}</Button>}
        <Button size="small" icon={<Sparkles size={14} aria-hidden />} onClick={() => onChart(chartFor(result.columns, result.rows))}>{words.charts.reset}</Button>
      </div>
      <ChartJson chart={chart} onChart={onChart} />
    </div>
  );
}

const countValue = "\u0000count";
const noneValue = "\u0000none";

function ChannelFields({ name, chart, result, onChart }: BuilderProps & { name: ChannelName }) {
  const words = useWords();
  const channel = channelOf(chart, name);
  const label = words.charts.channels[name];
  const value = !channel ? noneValue : channel.field ?? (channel.aggregate === "count" ? countValue : noneValue);
  const put = (next: Channel | undefined): void => onChart(withChannel(chart, name, next));
  const pick = (picked: string): void => {
    if (picked === noneValue) return put(undefined);
    if (picked === countValue) return put({ aggregate: "count" });
    const type = name === "xOffset" || name === "column" ? "nominal" : kindOf(result.columns, result.rows, picked);
    put({ field: picked, type });
  };
  const counts = ["x", "y", "theta", "size", "color"].includes(name);
  return (
    <div>
      <SelectField
        small label={label} value={value} onPick={pick}
        options={[
          { value: noneValue, label: words.charts.none }, ...(counts ? [{ value: countValue, label: words.charts.count }] : []),
          ...result.columns.map((column) => ({ value: column.name, label: column.name })),
        ]}
      />
      {channel?.field !== undefined && name !== "xOffset" && name !== "column" ? <ChannelDetails name={name} label={label} channel={channel} onChannel={put} /> : null}
    </div>
  );
}

const kinds = ["quantitative", "temporal", "ordinal", "nominal"] as const;
const aggregates = ["none", "sum", "mean", "median", "min", "max", "distinct"] as const;
const timeUnits = ["none", "year", "yearquarter", "yearmonth", "yearmonthdate"] as const;
const sorts = ["natural", "valueDown", "valueUp", "nameUp"] as const;

function ChannelDetails({ name, label, channel, onChannel }: { name: ChannelName; label: string; channel: Channel; onChannel: (channel: Channel) => void }) {
  const words = useWords();
  const type = channel.type ?? "nominal";
  const set = (part: Partial<Channel>): void => onChannel(Object.fromEntries(Object.entries({ ...channel, ...part }).filter(([, value]) => value !== undefined)) as Channel);
  const other = name === "x" ? "y" : "x";
  const sort = channel.sort === `-${other}` ? "valueDown" : channel.sort === other ? "valueUp" : channel.sort === "ascending" ? "nameUp" : "natural";
  const sortOf = { natural: undefined, valueDown: `-${other}`, valueUp: other, nameUp: "ascending" } as const;
  return (
    <div className="flex flex-wrap gap-1.5 mt-1.5 [&>select]:!w-auto [&>select]:grow [&>select]:basis-[110px]">
      <SelectField bare small label={words.charts.kindOf(label)} value={type} options={kinds.map((value) => ({ value, label: words.charts.kinds[value] }))}
        onPick={(next) => onChannel({ field: channel.field, type: next })} />
      {type === "quantitative" && channel.bin === undefined ? (
        <SelectField bare small label={words.charts.aggregateOf(label)} value={(channel.aggregate as (typeof aggregates)[number] | undefined) ?? "none"} options={aggregates.map((value) => ({ value, label: words.charts.aggregates[value] }))}
          onPick={(next) => set({ aggregate: next === "none" ? undefined : next })} />
      ) : null}
      {type === "temporal" ? (
        <SelectField bare small label={`${words.charts.timeUnit}: ${label}`} value={(channel.timeUnit as (typeof timeUnits)[number] | undefined) ?? "none"} options={timeUnits.map((value) => ({ value, label: words.charts.timeUnits[value] }))}
          onPick={(next) => set({ timeUnit: next === "none" ? undefined : next })} />
      ) : null}
      {(type === "nominal" || type === "ordinal") && (name === "x" || name === "y") ? (
        <SelectField bare small label={`${words.charts.sort}: ${label}`} value={sort} options={sorts.map((value) => ({ value, label: words.charts.sorts[value] }))} onPick={(next) => set({ sort: sortOf[next] })} />
      ) : null}
      {type === "quantitative" && (name === "x" || name === "y") && channel.aggregate === undefined ? <Check small label={words.charts.bin} checked={channel.bin === true} onCheck={(on) => set({ bin: on ? true : undefined })} /> : null}
    </div>
  );
}

const stacks = ["zero", "normalize", "off"] as const;

function StackField({ chart, mark, onChart }: { chart: Chart; mark: MarkName; onChart: (chart: Chart) => void }) {
  const words = useWords();
  if ((mark !== "bar" && mark !== "area") || !channelOf(chart, "color")?.field) return null;
  const name: ChannelName = isMeasure(channelOf(chart, "y")) ? "y" : "x";
  const channel = channelOf(chart, name);
  if (!isMeasure(channel)) return null;
  const value = channel?.stack === "normalize" ? "normalize" : channel?.stack === null || channel?.stack === false ? "off" : "zero";
  const stackOf = { zero: undefined, normalize: "normalize", off: null } as const;
  return (
    <SelectField small label={words.charts.stack} value={value} options={stacks.map((one) => ({ value: one, label: words.charts.stacks[one] }))}
      onPick={(next) => {
        const { stack: _before, ...rest } = channel as Channel;
        onChart(withChannel(chart, name, stackOf[next] === undefined ? rest : { ...rest, stack: stackOf[next] }));
      }} />
  );
}

const isMeasure = (channel: Channel | undefined): boolean => channel?.type === "quantitative" || channel?.aggregate !== undefined;

function ChartJson({ chart, onChart }: { chart: Chart; onChart: (chart: Chart) => void }) {
  const words = useWords();
  const language = useLanguage();
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const apply = async (): Promise<void> => {
    try {
      const { checkChartText } = await import("./draw.ts");
      onChart(checkChartText(text ?? "", language) as unknown as Chart);
      setText(null);
      setError(null);
    } catch (caught) {
      setError(caught instanceof SyntaxError ? new Problem({ code: "JSON", ...words.charts.jsonInvalid }) : caught);
    }
  };
  return (
    <details className="rounded-lg border border-line px-3 py-2">
      <summary className="text-[0.88rem] font-medium py-0.5">{words.charts.advanced}</summary>
      <label htmlFor={id} className="hint block mb-1.5">{words.charts.advancedHint}</label>
      <textarea id={id} className="input font-mono text-[0.8rem]" rows={12} spellCheck={false} value={text ?? JSON.stringify(chart, null, 2)} onChange={(event) => setText(event.target.value)} />
      {error ? <div className="mt-2"><ProblemNotice error={error} /></div> : null}
      <div className="mt-2 flex gap-2">
        <Button size="small" disabled={text === null} onClick={() => void apply()}>{words.charts.apply}</Button>
        {text === null ? null : <IconButton label={words.actions.undo} onClick={() => { setText(null); setError(null); }}>↺</IconButton>}
      </div>
    </details>
  );
}
