import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Copy, History, ImageDown, MoreHorizontal, Pencil, Share2, Trash2 } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { reportData, reportVersionData } from "../api/data.ts";
import { Button, IconButton, buttonClass } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../shell/Menu.tsx";
import { Waiting, useTitle } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { VisibilityChip } from "./ReportTable.tsx";
import { ShareDialog } from "./ShareDialog.tsx";
import { Sheet, SheetBlocks } from "./Sheet.tsx";
import { VersionsDialog, useRestore } from "./VersionsDialog.tsx";
import { definitionOf } from "./definition.ts";
import type { StoredReport } from "./definition.ts";
import { saveScreenshot } from "./screenshot.ts";
import { useNewReport } from "./useNewReport.ts";
import { useValues } from "./useValues.ts";

export function ReportPage() {
  const { report: id } = useParams({ from: "/inside/reports/$report" });
  const given = useSearch({ from: "/inside/reports/$report" });
  const report = useQuery(reportData(id));
  if (!report.data) return <Waiting query={report} />;
  return <ReportView key={id} report={report.data} given={given} bar={<Bar report={report.data} given={given} />} />;
}

/** A report as it was in one version. */
export function ReportVersionPage() {
  const { report: id, version } = useParams({ from: "/inside/reports/$report/versions/$version" });
  const given = useSearch({ from: "/inside/reports/$report/versions/$version" });
  const report = useQuery(reportVersionData(id, version));
  if (!report.data) return <Waiting query={report} />;
  return <ReportView report={report.data} given={given} bar={<VersionBar then={report.data} />} />;
}

type Given = Record<string, string>;

function ReportView({ report, given, bar }: { report: StoredReport; given: Given; bar: React.ReactNode }) {
  const words = useWords();
  const navigate = useNavigate();
  const { mayEdit } = useSigned();
  const values = useValues(report.parameters, given);
  useTitle(report.title);
  const put = (name: string, text: string | undefined): void => {
    const { [name]: _before, ...rest } = given;
    void navigate({ to: ".", search: (text === undefined ? rest : { ...rest, [name]: text }) as never, replace: true, resetScroll: false });
  };
  return (
    <>
      {bar}
      <Sheet report={report}>
        <header className="mb-6">
          <h1 className="!text-[1.75rem]">{report.title}</h1>
          {report.description ? <p className="mt-2 text-ink-2 text-[1.02rem] max-w-[46em] whitespace-pre-line">{report.description}</p> : null}
        </header>
        {report.blocks.length === 0 && mayEdit ? (
          <p className="text-ink-2">{words.reports.emptyReport} <Link to="/reports/$report/edit" params={{ report: report.id }} className="prose-link">{words.reports.addFirst}</Link></p>
        ) : <SheetBlocks report={report} values={values} onValue={put} />}
        {report.tags?.length ? <p className="mt-9 flex flex-wrap gap-1.5 text-[0.86rem]"><span className="sr-only">{words.reports.tags}: </span>{report.tags.map((tag) => <span key={tag} className="chip">{tag}</span>)}</p> : null}
      </Sheet>
    </>
  );
}

function Bar({ report, given }: { report: StoredReport; given: Given }) {
  const words = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { mayEdit } = useSigned();
  const copy = useNewReport();
  const [open, setOpen] = useState<"share" | "versions" | "delete" | null>(null);
  const [drawing, setDrawing] = useState(false);
  const close = (): void => setOpen(null);
  const download = async (): Promise<void> => {
    setDrawing(true);
    await saveScreenshot(report, given, words);
    setDrawing(false);
  };
  return (
    <div className="border-b border-line bg-paper no-print">
      <div className="mx-auto w-full max-w-[1160px] px-4 sm:px-6 py-2 flex flex-wrap items-center gap-2">
        <Link to="/reports" className="text-[0.88rem] text-ink-2 hover:text-ink no-underline py-1">{words.reports.title}</Link>
        <div className="grow min-w-0"><VisibilityChip visibility={report.publication?.visibility ?? null} /></div>
        <Button size="small" icon={<ImageDown size={15} aria-hidden />} disabled={drawing} aria-label={words.reports.download} title={words.reports.download} onClick={() => void download()}>
          <span className="max-sm:hidden">{drawing ? words.reports.drawing : words.actions.download}</span>
        </Button>
        {mayEdit ? <Button size="small" icon={<Share2 size={15} aria-hidden />} aria-label={words.reports.publish} onClick={() => setOpen("share")}><span className="max-sm:hidden">{words.reports.publish}</span></Button> : null}
        {mayEdit ? <Link to="/reports/$report/edit" params={{ report: report.id }} className={buttonClass({ look: "primary", size: "small" })}><Pencil size={15} aria-hidden />{words.reports.edit}</Link> : null}
        <Menu trigger={<IconButton label={words.reports.more}><MoreHorizontal size={18} aria-hidden /></IconButton>}>
          <MenuItem icon={<History size={16} aria-hidden />} onPick={() => setOpen("versions")}>{words.reports.versions}</MenuItem>
          {mayEdit ? (
            <>
              <MenuItem icon={<Copy size={16} aria-hidden />} onPick={() => copy.create({ ...definitionOf(report), title: words.reports.copyOf(report.title).slice(0, 200) })}>{words.reports.duplicate}</MenuItem>
              <MenuLine />
              <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={() => setOpen("delete")}>{words.reports.delete}</MenuItem>
            </>
          ) : null}
        </Menu>
      </div>
      <ShareDialog open={open === "share"} onClose={close} report={report} />
      <VersionsDialog open={open === "versions"} onClose={close} report={report} />
      <ConfirmDialog
        open={open === "delete"} onClose={close} title={words.reports.deleteTitle(report.title)} text={words.reports.deleteText} act={words.actions.delete}
        onConfirm={async () => {
          await call(`/api/v1/reports/${encodeURIComponent(report.id)}`, { method: "DELETE" });
          await navigate({ to: "/reports" });
          client.removeQueries({ queryKey: ["report", report.id] });
          await client.invalidateQueries({ queryKey: ["reports"] });
          say(words.reports.deleted);
        }}
      />
    </div>
  );
}

function VersionBar({ then }: { then: StoredReport }) {
  const words = useWords();
  const formats = useFormats();
  const { mayEdit } = useSigned();
  const current = useQuery(reportData(then.id));
  const restore = useRestore();
  const old = current.data !== undefined && current.data.version !== then.version;
  return (
    <div className="border-b border-line bg-accent-soft no-print">
      <div className="mx-auto w-full max-w-[1160px] px-4 sm:px-6 py-2 flex flex-wrap items-center gap-2">
        <p className="grow min-w-0">{words.reports.asOf(formats.number(then.version), formats.dateTime(then.updatedAt))}</p>
        {mayEdit && old ? <Button size="small" disabled={restore.isPending} onClick={() => restore.mutate({ current: current.data!, version: then.version })}>{words.reports.restore}</Button> : null}
        <Link to="/reports/$report" params={{ report: then.id }} search={{}} className={buttonClass({ look: "primary", size: "small" })}>{words.reports.toCurrent}</Link>
      </div>
    </div>
  );
}
