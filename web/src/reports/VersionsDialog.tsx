import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { asProblem, call } from "../api/api.ts";
import { queryClient, reportVersionData, reportVersionsData } from "../api/data.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { sayProblem } from "../shell/Notice.tsx";
import { Loaded } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { definitionOf } from "./definition.ts";
import type { ReportDefinition, StoredReport } from "./definition.ts";

/** Makes an older version the current one again, as a new version. */
export function useRestore() {
  const words = useWords();
  const formats = useFormats();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    async mutationFn({ current, version }: { current: StoredReport; version: number }) {
      const then = await queryClient.fetchQuery(reportVersionData(current.id, String(version)));
      await call(`/api/v1/reports/${encodeURIComponent(current.id)}`, { method: "PUT", body: definitionOf(then), headers: { "If-Match": `"${current.version}"` } });
      return { id: current.id, version };
    },
    async onSuccess({ id, version }) {
      await client.invalidateQueries({ queryKey: ["report", id], exact: true });
      await Promise.all([client.invalidateQueries({ queryKey: ["report", id, "versions"] }), client.invalidateQueries({ queryKey: ["reports"] })]);
      say(words.reports.restored(formats.number(version)));
      await navigate({ to: "/reports/$report", params: { report: id }, search: {} });
    },
    async onError(error, { current }) {
      const { title, detail } = sayProblem(asProblem(error), words);
      say(`${title}. ${detail}`);
      await client.invalidateQueries({ queryKey: ["report", current.id] });
    },
  });
}

interface VersionsProps {
  open: boolean;
  onClose: () => void;
  report: StoredReport;
  /** Takes the definition instead of saving it: in the editor, restoring is a step that can be undone. */
  onRestore?: (definition: ReportDefinition, version: number) => void;
}

export function VersionsDialog({ open, onClose, report, onRestore }: VersionsProps) {
  const words = useWords();
  const formats = useFormats();
  const { mayEdit } = useSigned();
  const versions = useQuery({ ...reportVersionsData(report.id), enabled: open, staleTime: 0 });
  const restore = useRestore();
  const pick = async (version: number): Promise<void> => {
    if (onRestore) onRestore(definitionOf(await queryClient.fetchQuery(reportVersionData(report.id, String(version)))), version);
    else await restore.mutateAsync({ current: report, version });
    onClose();
  };
  return (
    <Dialog open={open} onClose={onClose} title={words.reports.versions} text={words.reports.versionsText} wide>
      <Loaded query={versions} lines={4}>
        {({ items }) => (
          <ul className="divide-y divide-line">
            {items.map((version) => {
              const number = formats.number(version.version);
              return (
                <li key={version.version} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
                  <div className="grow min-w-0 basis-[220px]">
                    <p className="font-medium">{words.reports.versionLine(number)} {version.version === report.version ? <span className="chip ml-1">{words.reports.current}</span> : null}{version.version === report.publication?.version ? <span className="chip ml-1">{words.reports.published}</span> : null}</p>
                    <p className="text-[0.86rem] text-ink-2"><time dateTime={version.createdAt} title={formats.dateTime(version.createdAt)}>{formats.ago(version.createdAt)}</time>{version.createdBy ? ` · ${words.reports.by(version.createdBy.name)}` : ""} · {version.title}</p>
                  </div>
                  {version.version === report.version ? null : (
                    <span className="flex gap-1.5">
                      <Link to="/reports/$report/versions/$version" params={{ report: report.id, version: String(version.version) }} search={{}} className={buttonClass({ size: "small" })} aria-label={words.reports.lookAt(number)} onClick={onClose}>{words.reports.look}</Link>
                      {mayEdit ? <Button size="small" disabled={restore.isPending} aria-label={words.reports.restoreOf(number)} onClick={() => void pick(version.version).catch(() => undefined)}>{words.reports.restore}</Button> : null}
                    </span>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </Dialog>
  );
}
