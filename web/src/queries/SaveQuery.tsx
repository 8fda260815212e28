import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Engine, SavedQuery } from "../api/types.ts";
import type { Chart } from "../charts/chart.ts";
import { Button } from "../shell/Button.tsx";
import { Dialog } from "../shell/Dialog.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { say } from "../shell/toast.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";

interface Props {
  open: boolean;
  onClose: () => void;
  database: string;
  sql: string;
  /** Where the SQL was made of it. */
  question?: Record<string, unknown> | undefined;
  engine: Engine;
  chart: Chart | null;
  saved: SavedQuery | null;
}

export function SaveQuery({ open, onClose, database, sql, question, engine, chart, saved }: Props) {
  const words = useWords();
  const { team } = useSigned();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(saved?.name ?? "");
  const same = saved !== null && name.trim() === saved.name;
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), database, sql, ...(question ? { question } : {}), ...(engine === "duckdb" ? { engine } : {}), ...(chart ? { chart } : {}) };
      return same ? call<SavedQuery>(`/api/v1/queries/${encodeURIComponent(saved.id)}`, { method: "PUT", body })
        : call<SavedQuery>(`/api/v1/teams/${encodeURIComponent(team.id)}/queries`, { method: "POST", body });
    },
    async onSuccess(query) {
      await client.invalidateQueries({ queryKey: ["queries"] });
      say(words.queries.saved);
      onClose();
      if (!same) await navigate({ to: "/databases/$database/query", params: { database }, search: { saved: query.id } });
    },
  });
  return (
    <Dialog open={open} onClose={onClose} title={words.queries.saveTitle}>
      <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
        <TextField label={words.queries.name} value={name} onText={setName} maxLength={200} required autoFocus />
        <ProblemNotice error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{words.actions.cancel}</Button>
          <Button type="submit" look="primary" disabled={name.trim() === "" || save.isPending}>{words.actions.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
