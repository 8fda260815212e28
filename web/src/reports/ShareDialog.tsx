import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, Globe, Link2, Users } from "lucide-react";
import { useState } from "react";
import { call } from "../api/api.ts";
import { databasesData } from "../api/data.ts";
import type { Publication, Visibility } from "../api/types.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { CopyButton } from "../shell/copy.tsx";
import { ConfirmDialog, Dialog } from "../shell/Dialog.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { SharingDialog } from "../team/Sharing.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import type { StoredReport } from "./definition.ts";

interface ShareProps {
  open: boolean;
  onClose: () => void;
  report: StoredReport;
  /** Before publishing: saves what is not saved yet. False when that failed. */
  before?: () => Promise<boolean>;
  onChange?: (publication: Publication | null) => void;
}

const visibilities: Visibility[] = ["team", "link", "public"];
const icons = { team: Users, link: Link2, public: Globe };

/** Publishes a report for the team, by link or for everyone; and takes that back. */
export function ShareDialog({ open, onClose, report, before, onChange }: ShareProps) {
  const words = useWords();
  const client = useQueryClient();
  const { publication } = report;
  const { team } = useSigned();
  const databases = useQuery({ ...databasesData(team.id), enabled: open });
  const asked = new Set(report.blocks.flatMap((block) => ("database" in block ? [block.database] : [])));
  const ruled = databases.data?.items.filter((one) => one.hasRules && asked.has(one.id)) ?? [];
  const aboutRows = ruled.some((one) => one.hasHiddenRows) ? words.rules.publishesYours : ruled.length > 0 ? words.rules.publishesAll : null;
  const [restricting, setRestricting] = useState(false);
  const [withdrawing, setWithdrawing] = useState(false);
  const [picked, setPicked] = useState<Visibility | null>(null);
  const visibility = picked ?? publication?.visibility ?? "team";
  const path = `/api/v1/reports/${encodeURIComponent(report.id)}/publication`;
  const changed = async (next: Publication | null): Promise<void> => {
    client.setQueryData<StoredReport>(["report", report.id], (known) => (known ? { ...known, publication: next } : known));
    onChange?.(next);
    await client.invalidateQueries({ queryKey: ["reports"] });
  };
  const publish = useMutation({
    async mutationFn() {
      if (before && !(await before())) throw new Error(words.editor.states.failed);
      return await call<Publication>(path, { method: "POST", body: { visibility } });
    },
    async onSuccess(next) {
      await changed(next);
      setPicked(null);
    },
  });
  const withdraw = async (): Promise<void> => {
    await call(path, { method: "DELETE" });
    await changed(null);
    publish.reset();
    say(words.reports.withdrawn);
  };
  const act = !publication ? words.reports.publishNow : visibility !== publication.visibility ? words.reports.changeWho : words.reports.publishAgain;
  const current = publication !== null && publication.version === report.version && visibility === publication.visibility;
  return (
    <Dialog open={open} onClose={onClose} title={words.reports.publishTitle} text={words.reports.publishText} wide>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); publish.mutate(); }}>
        {publication ? <Published publication={publication} version={report.version} fresh={publish.isSuccess} /> : null}
        <fieldset>
          <legend className="label">{words.reports.who}</legend>
          <div className="grid gap-1.5">
            {visibilities.map((one) => {
              const Icon = icons[one];
              return (
                <label key={one} className="flex items-start gap-2.5 rounded-lg border border-line px-3 py-2 has-[:checked]:border-accent has-[:checked]:bg-accent-soft">
                  <input type="radio" name="visibility" className="mt-1.5 accent-accent" checked={visibility === one} onChange={() => setPicked(one)} />
                  <span className="min-w-0">
                    <span className="font-medium inline-flex items-center gap-1.5"><Icon size={15} aria-hidden />{words.reports.visibility[one]}</span>
                    <span className="block text-[0.86rem] text-ink-2">{words.reports.visibilityTexts[one]}</span>
                  </span>
                </label>
              );
            })}
          </div>
        </fieldset>
        {aboutRows ? <Notice><p>{aboutRows}</p></Notice> : null}
        <ProblemNotice error={publish.error} />
        <div className="flex flex-wrap items-center gap-2">
          {publication ? <Button look="danger" disabled={publish.isPending} onClick={() => setWithdrawing(true)}>{words.reports.withdraw}</Button> : null}
          <Button look="quiet" onClick={() => setRestricting(true)}>{words.access.share}</Button>
          <span className="grow" />
          <Button onClick={onClose}>{words.actions.close}</Button>
          <Button type="submit" look={current ? "secondary" : "primary"} disabled={publish.isPending}>{act}</Button>
        </div>
      </form>
      <SharingDialog of="reports" id={report.id} open={restricting} onClose={() => setRestricting(false)} />
      <ConfirmDialog open={withdrawing} onClose={() => setWithdrawing(false)} title={words.reports.withdrawTitle} text={words.reports.withdrawText} act={words.reports.withdraw} onConfirm={withdraw} />
    </Dialog>
  );
}

function Published({ publication, version, fresh }: { publication: Publication; version: number; fresh: boolean }) {
  const words = useWords();
  const formats = useFormats();
  const number = formats.number(publication.version);
  return (
    <Notice tone={publication.version === version ? "good" : "plain"} role={fresh ? "status" : undefined} title={fresh ? words.reports.nowPublished : words.reports.published}>
      <p>{publication.version === version ? words.reports.publishedAt(number, formats.dateTime(publication.publishedAt)) : words.reports.behind(number)}</p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <input readOnly className="input input-small grow !w-auto min-w-0 basis-[200px] font-mono !text-[0.82rem]" aria-label={words.reports.address} value={publication.url} onFocus={(event) => event.target.select()} />
        <CopyButton text={publication.url} label={words.reports.copyAddress} />
        <a href={publication.url} target="_blank" rel="noreferrer" className={buttonClass({ size: "small" })}><ExternalLink size={14} aria-hidden />{words.reports.openPage}</a>
      </div>
    </Notice>
  );
}
