import "./grid.css";
import { useEffect, useMemo, useRef, useState } from "react";
import type { DragEvent, KeyboardEvent } from "react";
import ReactGridLayout, { verticalCompactor } from "react-grid-layout";
import { LayoutTemplate } from "lucide-react";
import { compact, gridColumns, gridGapPixels, gridRowPixels, inOrder, leastOf } from "../reports/definition.ts";
import type { Layout, ReportBlock } from "../reports/definition.ts";
import { sheetStyle } from "../reports/sheet.ts";
import { Empty } from "../shell/Page.tsx";
import { useLanguage, useWords } from "../words/language.ts";
import { AddMenu } from "./AddMenu.tsx";
import { BlockFrame } from "./BlockFrame.tsx";
import { useEditing, useEditorRoom } from "./context.ts";
import { isAttachable } from "./attach.ts";
import { useAdding } from "./useAdding.ts";

/** Narrower than this, blocks stand one below the other, as for readers. */
const gridPixelsMin = 700;

/** The report as its readers see it, with everything in its place to be taken hold of. */
export function Canvas() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition } = useEditing();
  const { addPicture } = useAdding();
  // Pictures belong into the report; files of other kinds go where dropped files always go.
  const drop = async (event: DragEvent): Promise<void> => {
    const pictures = [...event.dataTransfer.files].filter(isAttachable);
    if (pictures.length === 0) return;
    event.preventDefault();
    for (const file of pictures) await addPicture(file);
  };
  return (
    <section
      aria-label={words.editor.canvas} lang={definition.language} style={sheetStyle(definition)} className="sheet grow min-w-0"
      onClick={(event) => { if (!(event.target as Element).closest("[data-block], input, button, a")) editor.select(null); }}
      onDragOver={(event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); }} onDrop={(event) => void drop(event)}
    >
      <p id="block-keys" hidden>{words.editor.keys}</p>
      <div className="[container:sheet/inline-size] mx-auto w-full max-w-[1160px] px-4 sm:px-6 py-6 sm:py-8 pb-40">
        <TitleField />
        {definition.description ? <p className="mt-2 text-ink-2 text-[1.02rem] max-w-[46em] whitespace-pre-line">{definition.description}</p> : null}
        <div className="mt-6">
          {definition.blocks.length === 0 ? <Empty icon={<LayoutTemplate size={22} aria-hidden />} title={words.editor.emptyTitle} text={words.editor.emptyText}><AddMenu large /></Empty> : <Blocks blocks={definition.blocks} />}
        </div>
      </div>
    </section>
  );
}

/** The title is written where it stands. */
function TitleField() {
  const words = useWords();
  const { editor } = useEditorRoom();
  const { definition } = useEditing();
  return (
    <input
      aria-label={words.editor.reportTitle} placeholder={words.reports.untitled} maxLength={200} value={definition.title}
      className="block w-full text-[1.75rem] font-[650] leading-[1.3] tracking-[-0.011em] bg-transparent rounded-md -mx-2 px-2 py-0.5 border border-transparent hover:border-line focus:border-transparent placeholder:text-ink-2 text-ellipsis"
      onChange={(event) => editor.edit((report) => ({ ...report, title: event.target.value }), "title")}
      onKeyDown={(event: KeyboardEvent<HTMLInputElement>) => { if (event.key === "Enter") event.currentTarget.blur(); }}
    />
  );
}

function Blocks({ blocks }: { blocks: ReportBlock[] }) {
  const words = useWords();
  const language = useLanguage();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  return (
    <div ref={frame}>
      {width === 0 ? null : width < gridPixelsMin ? (
        <>
          <p lang={language} className="text-[0.84rem] text-ink-2 mb-5">{words.editor.narrow}</p>
          <div className="grid gap-7">{inOrder(blocks).map((block) => <BlockFrame key={block.id} block={block} narrow />)}</div>
        </>
      ) : <Grid blocks={blocks} width={width} />}
    </div>
  );
}

const isTouched = (): boolean => matchMedia("(pointer: coarse)").matches;

function Grid({ blocks, width }: { blocks: ReportBlock[]; width: number }) {
  const { editor } = useEditorRoom();
  // The grid closes holes by itself; what it shows must be what is stored from the next change on.
  const placed = useMemo(() => compact(blocks), [blocks]);
  const layout = useMemo(() => placed.map(({ id, kind, layout: { x, y, w, h } }) => ({ i: id, x, y, w, h, minW: leastOf(kind).w, minH: leastOf(kind).h, maxH: 60 })), [placed]);
  const settle = (next: readonly { i: string; x: number; y: number; w: number; h: number }[]): void =>
    editor.arrange(new Map(next.map(({ i, x, y, w, h }): [string, Layout] => [i, { x, y, w, h }])));
  // In reading order, so that the focus goes the way the eye does.
  const order = useMemo(() => inOrder(placed), [placed]);
  return (
    <ReactGridLayout
      width={width} layout={layout} compactor={verticalCompactor}
      gridConfig={{ cols: gridColumns, rowHeight: gridRowPixels, margin: [gridGapPixels, gridGapPixels], containerPadding: [0, 0] }}
      dragConfig={{ enabled: true, threshold: 5, cancel: "a, button:not([data-drag]), input, select, textarea, summary, .react-resizable-handle", ...(isTouched() ? { handle: "[data-drag]" } : {}) }}
      resizeConfig={{ enabled: true, handles: ["se"] }}
      onDragStop={settle} onResizeStop={settle}
    >
      {order.map((block) => <div key={block.id}><BlockFrame block={block} /></div>)}
    </ReactGridLayout>
  );
}

function useWidth(frame: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
