import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { call } from "../api/api.ts";
import { savedQueriesData } from "../api/data.ts";
import { IconButton } from "../shell/Button.tsx";
import { say } from "../shell/toast.tsx";
import type { SavedQuery } from "../api/types.ts";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";

export function SavedQueries({ database, current }: { database: string; current: string | null }) {
  const words = useWords();
  const { team, mayEdit } = useSigned();
  const client = useQueryClient();
  const queries = useQuery(savedQueriesData(team.id));
  const own = queries.data?.items.filter((query) => query.database === database) ?? [];
  const refresh = () => client.invalidateQueries({ queryKey: ["queries"] });
  const restore = ({ name, sql, engine, chart }: SavedQuery): void => {
    void call(`/api/v1/teams/${encodeURIComponent(team.id)}/queries`, { method: "POST", body: { name, database, sql, ...(engine ? { engine } : {}), ...(chart ? { chart } : {}) } }).then(refresh);
  };
  const remove = useMutation({
    mutationFn: (query: SavedQuery) => call(`/api/v1/queries/${encodeURIComponent(query.id)}`, { method: "DELETE" }),
    onSuccess(_, query) {
      void refresh();
      say(words.editor.removed(query.name), { label: words.actions.undo, run: () => restore(query) });
    },
  });
  return (
    <div>
      <h2 className="text-[0.84rem] text-ink-2 mb-1.5">{words.queries.savedQueries}</h2>
      {own.length === 0 ? <p className="text-[0.84rem] text-ink-2">{words.queries.noSaved}</p> : (
        <ul className="grid gap-0.5 text-[0.9rem]">
          {own.map((query) => (
            <li key={query.id} className="flex items-center">
              <Link to="/databases/$database/query" params={{ database }} search={{ saved: query.id }} className={`grow truncate rounded px-1.5 py-1 no-underline hover:bg-paper-3 ${query.id === current ? "font-semibold bg-paper-3" : ""}`}>{query.name}</Link>
              {mayEdit ? <IconButton label={words.queries.deleteSaved(query.name)} className="!min-w-7 !min-h-7" onClick={() => remove.mutate(query)}><X size={14} aria-hidden /></IconButton> : null}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
