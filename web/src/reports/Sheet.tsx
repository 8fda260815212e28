import "./report.css";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";
import { BlockView } from "./BlockView.tsx";
import { inOrder } from "./definition.ts";
import type { ReportDefinition } from "./definition.ts";
import { areaOf, sheetStyle } from "./sheet.ts";
import type { ReportValues } from "./useValues.ts";

interface SheetProps {
  report: ReportDefinition;
  children: ReactNode;
  className?: string;
}

/** The report's own ground. */
export function Sheet({ report, children, className = "" }: SheetProps) {
  return (
    <div lang={report.language} style={sheetStyle(report)} className={`sheet grow ${className}`}>
      <div className="[container:sheet/inline-size] mx-auto w-full max-w-[1160px] px-4 sm:px-6 py-6 sm:py-8">{children}</div>
    </div>
  );
}

/** Every block where it stands; on a narrow screen one below the other. */
export function SheetBlocks({ report, values, onValue }: { report: ReportDefinition; values: ReportValues; onValue: (name: string, text: string | undefined) => void }) {
  const words = useWords();
  const blocks = inOrder(report.blocks);
  const firstRow = Math.min(...blocks.map(({ layout }) => layout.y));
  if (blocks.length === 0) return <p className="text-ink-2">{words.reports.emptyReport}</p>;
  return (
    <div className="sheet-grid">
      {blocks.map((block) => (
        <section key={block.id} className="sheet-block" style={areaOf(block.layout, firstRow)}>
          <BlockHead block={block} />
          <BlockView block={block} report={report} values={values} onValue={onValue} />
        </section>
      ))}
    </div>
  );
}

/** A filter's title is the label of its control. */
export function BlockHead({ block }: { block: ReportDefinition["blocks"][number] }) {
  return (
    <>
      {block.title && block.kind !== "filter" ? <h2>{block.title}</h2> : null}
      {block.description ? <p className="note">{block.description}</p> : null}
    </>
  );
}
