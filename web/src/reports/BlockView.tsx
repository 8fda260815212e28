import { useMemo } from "react";
import { chartDataHtml, numberHtml, tableHtml } from "#src/rooms/charts/html.ts";
import { markdownHtml } from "#src/base/markdown.ts";
import type { Chart as FullChart, QueryResult } from "#src/rooms/charts/schema.ts";
import type { QueryAnswer } from "../api/types.ts";
import { fits } from "../charts/chart.ts";
import { ChartView } from "../charts/ChartView.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";
import { AttachmentView } from "./AttachmentView.tsx";
import { FilterField } from "./FilterField.tsx";
import type { ReportBlock, ReportDefinition } from "./definition.ts";
import { bodyPixels } from "./sheet.ts";
import { useAnswer } from "./useAnswer.ts";
import type { AskingBlock } from "./useAnswer.ts";
import type { ReportValues } from "./useValues.ts";

export interface BlockViewProps {
  block: ReportBlock;
  report: Pick<ReportDefinition, "language" | "background" | "parameters">;
  values: ReportValues;
  /** A reader chooses another value, as the text of an address; undefined is the default. */
  onValue: (name: string, text: string | undefined) => void;
  /** The block has a box of its own height, and what is more scrolls in it; else it is as high as it needs. */
  boxed?: boolean;
  /** Asked instead of the block's own SQL. */
  sql?: string | undefined;
}

/** What stands in a block, below its title: the same as on a published page, but alive. */
export function BlockView(props: BlockViewProps) {
  const { block, report, values, onValue, boxed } = props;
  const scroll = boxed ? "min-h-0 grow overflow-auto" : "";
  if (block.kind === "text") return <TextBody markdown={block.markdown} className={scroll} />;
  if (block.kind === "image") return <ImageBody block={block} boxed={boxed === true} />;
  if (block.kind === "filter") {
    const parameter = report.parameters.find((one) => one.name === block.parameter);
    if (!parameter) return null;
    return <FilterField parameter={parameter} label={block.title ?? parameter.label ?? parameter.name} language={report.language} values={values} onText={(text) => onValue(parameter.name, text)} />;
  }
  return <AskingBody {...props} block={block} />;
}

function ImageBody({ block, boxed }: { block: Extract<ReportBlock, { kind: "image" }>; boxed: boolean }) {
  const className = boxed ? "min-h-0 grow object-contain object-left-top w-full" : "max-w-full object-contain object-left-top";
  const style = boxed ? {} : { maxHeight: bodyPixels(block) };
  if (block.attachment === undefined) return <img src={block.picture} alt={block.alt} className={className} style={style} />;
  return <AttachmentView id={block.attachment} alt={block.alt} className={className} {...style} />;
}

function TextBody({ markdown, className }: { markdown: string; className: string }) {
  // Made by the same code as the published page: without HTML of the author's, scripts or pictures.
  const html = useMemo(() => ({ __html: markdownHtml(markdown) }), [markdown]);
  return <div className={`prose ${className}`} dangerouslySetInnerHTML={html} />;
}

function AskingBody({ block, report, values, boxed = false, sql }: BlockViewProps & { block: AskingBlock }) {
  const words = useWords();
  const { answer, question } = useAnswer(block, values.values, sql);
  if (!question) return <p className="grow rounded-lg bg-paper-2 text-ink-2 text-[0.9rem] p-4 text-center content-center">{words.reports.chooseDatabase}</p>;
  if (answer.error) {
    return (
      <div className={boxed ? "min-h-0 grow overflow-auto" : ""}>
        <ProblemNotice error={answer.error} heading={words.reports.blockFailed} />
      </div>
    );
  }
  if (!answer.data) return <div role="status" aria-label={words.state.loading} className="skeleton grow" style={{ minHeight: boxed ? 0 : block.kind === "number" ? 48 : bodyPixels(block) }} />;
  return (
    <div className={`flex flex-col transition-opacity ${boxed ? "min-h-0 grow" : ""} ${answer.isPlaceholderData ? "opacity-55" : ""}`} aria-busy={answer.isPlaceholderData}>
      <AnswerBody block={block} answer={answer.data} report={report} boxed={boxed} />
    </div>
  );
}

interface AnswerProps extends Pick<BlockViewProps, "report"> {
  block: AskingBlock;
  answer: QueryAnswer;
  boxed: boolean;
}

function AnswerBody({ block, answer, report, boxed }: AnswerProps) {
  const { language, background = "light" } = report;
  // Each row has come over the wire as the charts take it.
  const result = answer as unknown as QueryResult;
  const chart = block.kind === "chart" ? block.chart : undefined;
  const html = useMemo(() => {
    if (block.kind === "number") return numberHtml(block, result, language);
    if (!chart) return tableHtml(block as Parameters<typeof tableHtml>[0], result, language);
    return fits(chart, answer.columns) ? chartDataHtml(chart as unknown as FullChart, result, language) : "";
  }, [block, chart, answer, result, language]);
  if (!chart) {
    // The scrolling box is the table's own; it takes the block's height where there is one.
    const height = boxed ? "min-h-0 grow flex flex-col [&>.kliv-table]:min-h-0" : "";
    return <div className={block.kind === "table" || block.kind === "chart" ? `${height} [&>.kliv-table]:!max-h-[var(--tall)]` : ""} style={{ "--tall": `${bodyPixels(block)}px` } as React.CSSProperties} dangerouslySetInnerHTML={{ __html: html }} />;
  }
  const { title: own, ...untitled } = chart;
  return (
    <>
      <div className={`relative ${boxed ? "min-h-0 grow" : ""}`} style={boxed ? {} : { height: bodyPixels(block) }}>
        <div className="absolute inset-0">
          <ChartView chart={block.title ? untitled : chart} result={answer} title={block.title ?? (typeof own === "string" ? own : undefined)} background={background} language={language} />
        </div>
      </div>
      <div dangerouslySetInnerHTML={{ __html: html }} className={boxed ? "shrink-0 max-h-[60%] overflow-auto" : ""} />
    </>
  );
}
