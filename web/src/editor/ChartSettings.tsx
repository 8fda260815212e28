import { useEffect } from "react";
import { ChartBuilder } from "../charts/ChartBuilder.tsx";
import { chartFor, fits } from "../charts/chart.ts";
import type { Chart } from "../charts/chart.ts";
import type { ReportBlock } from "../reports/definition.ts";
import { useWords } from "../words/language.ts";
import { QuestionFields, useShownAnswer } from "./QuestionFields.tsx";
import { useEditorRoom } from "./context.ts";

export function ChartSettings({ block }: { block: Extract<ReportBlock, { kind: "chart" }> }) {
  const words = useWords();
  const { editor } = useEditorRoom();
  const answer = useShownAnswer(block);
  const chart = block.chart as unknown as Chart | undefined;
  const stands = answer !== null && chart !== undefined && fits(chart, answer.columns);
  // A chart whose columns are gone is replaced by one that the new ones suggest; undone with the SQL that did it.
  useEffect(() => {
    if (answer && !stands && answer.columns.length > 0) editor.amendBlock(block.id, { chart: chartFor(answer.columns, answer.rows) });
  }, [answer, stands, editor, block.id]);
  return (
    <>
      <QuestionFields block={block} />
      {answer && chart && stands ? <ChartBuilder chart={chart} result={answer} onChart={(next) => editor.editBlock(block.id, { chart: next })} /> : <p className="hint">{words.editor.runFirst}</p>}
    </>
  );
}
