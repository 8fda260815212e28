import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { asProblem, call } from "../api/api.ts";
import { sayProblem } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useLanguage, useWords } from "../words/language.ts";
import { emptyReport } from "./definition.ts";
import type { ReportDefinition, StoredReport } from "./definition.ts";

/** Makes a report and opens it in the editor. */
export function useNewReport() {
  const words = useWords();
  const language = useLanguage();
  const { team } = useSigned();
  const navigate = useNavigate();
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: (definition?: ReportDefinition) =>
      call<StoredReport>(`/api/v1/teams/${encodeURIComponent(team.id)}/reports`, { method: "POST", body: definition ?? emptyReport(words.reports.untitled, language) }),
    async onSuccess(report) {
      await client.invalidateQueries({ queryKey: ["reports"] });
      await navigate({ to: "/reports/$report/edit", params: { report: report.id } });
    },
    onError: (error) => say(sayProblem(asProblem(error), words).title),
  });
  return { create: (definition?: ReportDefinition) => make.mutate(definition), error: make.error, isPending: make.isPending };
}
