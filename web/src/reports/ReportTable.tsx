import { Link } from "@tanstack/react-router";
import { FileText, Globe, Link2, Users } from "lucide-react";
import type { ReportBrief, Visibility } from "../api/types.ts";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

const icons = { team: Users, link: Link2, public: Globe };

export function VisibilityChip({ visibility }: { visibility: Visibility | null }) {
  const words = useWords();
  if (!visibility) return <span className="text-[0.84rem] text-ink-2">{words.reports.visibility.none}</span>;
  const Icon = icons[visibility];
  return <span className="chip"><Icon size={13} aria-hidden />{words.reports.visibility[visibility]}</span>;
}

export function ReportTable({ items }: { items: ReportBrief[] }) {
  const words = useWords();
  const formats = useFormats();
  return (
    <div className="card overflow-hidden">
      <table className="table">
        <thead className="max-sm:sr-only"><tr><th scope="col">{words.reports.columns.title}</th><th scope="col">{words.reports.columns.shared}</th><th scope="col">{words.reports.columns.updated}</th></tr></thead>
        <tbody>
          {items.map((report) => (
            <tr key={report.id} className="hover:bg-paper-2 relative">
              <td className="max-w-0 w-full">
                <Link to="/reports/$report" params={{ report: report.id }} className="flex items-center gap-2.5 font-medium text-ink no-underline after:absolute after:inset-0">
                  <FileText size={16} className="text-accent shrink-0" aria-hidden />
                  <span className="truncate">{report.title}</span>
                </Link>
                {report.description ? <span className="block text-[0.86rem] text-ink-2 truncate pl-[26px]">{report.description}</span> : null}
                <span className="sm:hidden flex items-center gap-2 text-[0.84rem] text-ink-2 mt-1"><VisibilityChip visibility={report.publication?.visibility ?? null} />{formats.ago(report.updatedAt)}</span>
              </td>
              <td className="whitespace-nowrap max-sm:hidden"><VisibilityChip visibility={report.publication?.visibility ?? null} /></td>
              <td className="whitespace-nowrap text-ink-2 max-sm:hidden"><time dateTime={report.updatedAt} title={formats.dateTime(report.updatedAt)}>{formats.ago(report.updatedAt)}</time></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
