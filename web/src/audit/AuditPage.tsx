import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { membersData } from "../api/data.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { SelectField, TextField } from "../shell/Field.tsx";
import { Empty, Loaded, Missing, Page } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { auditPath, eventsData } from "./audit.ts";
import type { Filters } from "./audit.ts";
import { EventList } from "./EventList.tsx";
import { VerificationState } from "./VerificationState.tsx";

const typingMs = 300;
/** By when the export has begun, so that its own event is in the list. */
const exportMs = 1_500;

export function AuditPage() {
  const words = useWords();
  const { team, mayAdminister } = useSigned();
  const client = useQueryClient();
  const filters = useSearch({ from: "/inside/audit" });
  const events = useInfiniteQuery({ ...eventsData(team.id, filters), enabled: mayAdminister });
  if (!mayAdminister) return <Missing />;
  const isFiltered = Object.values(filters).some(Boolean);
  const items = events.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={words.audit.title}
      above={<p className="text-[0.88rem] text-ink-2 mb-1">{team.name}</p>}
      text={words.audit.text}
      actions={(
        <a href={`${auditPath(team.id)}/export`} download className={buttonClass({})} onClick={() => setTimeout(() => void client.invalidateQueries({ queryKey: ["audit", team.id] }), exportMs)}>
          <Download size={16} aria-hidden />{words.audit.export}
        </a>
      )}
    >
      <VerificationState />
      <FilterBar filters={filters} isFiltered={isFiltered} />
      <Loaded query={{ data: items, error: events.error, refetch: events.refetch }} lines={8}>
        {(found) => found.length === 0
          ? <Empty icon={<ScrollText size={22} aria-hidden />} title={isFiltered ? words.audit.noMatch : words.audit.emptyTitle} text={isFiltered ? words.audit.noMatchText : words.audit.emptyText} />
          : <EventList items={found} />}
      </Loaded>
      {events.hasNextPage ? (
        <div className="text-center mt-4">
          <Button disabled={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>{events.isFetchingNextPage ? words.state.loading : words.audit.older}</Button>
        </div>
      ) : null}
    </Page>
  );
}

function FilterBar({ filters, isFiltered }: { filters: Filters; isFiltered: boolean }) {
  const words = useWords();
  const { team } = useSigned();
  const navigate = useNavigate();
  const members = useQuery(membersData(team.id));
  const [text, type] = useState(filters.q ?? "");
  const set = (change: Filters): void => void navigate({ to: "/audit", search: (before: Filters) => ({ ...before, ...change }), replace: true });
  // What is typed is asked once the typing pauses.
  useEffect(() => {
    if (text.trim() === (filters.q ?? "")) return undefined;
    const timer = setTimeout(() => set({ q: text.trim() || undefined }), typingMs);
    return () => clearTimeout(timer);
  });
  const people = (members.data?.items ?? []).map(({ user }) => ({ value: user.id, label: user.name }));
  // Somebody who has left the team is still in its log.
  const known = filters.actor === undefined || people.some(({ value }) => value === filters.actor) ? people : [...people, { value: filters.actor, label: filters.actor }];
  const actions = Object.entries(words.audit.actions).map(([value, label]) => ({ value, label }));
  return (
    <search className="mb-5 grid gap-3 grid-cols-2 lg:grid-cols-[minmax(0,1.4fr)_minmax(0,1.2fr)_minmax(0,1fr)_auto_auto] items-end">
      <div className="max-lg:col-span-2"><TextField type="search" label={words.audit.find} placeholder={words.audit.findHint} value={text} onText={type} maxLength={100} /></div>
      <SelectField label={words.audit.action} value={filters.action ?? ""} onPick={(action) => set({ action: action || undefined })} options={[{ value: "", label: words.audit.allActions }, ...actions]} />
      <SelectField label={words.audit.person} value={filters.actor ?? ""} onPick={(actor) => set({ actor: actor || undefined })} options={[{ value: "", label: words.audit.everyone }, ...known]} />
      <TextField type="date" label={words.audit.since} value={filters.since ?? ""} max={filters.until} onText={(since) => set({ since: since || undefined })} />
      <TextField type="date" label={words.audit.until} value={filters.until ?? ""} min={filters.since} onText={(until) => set({ until: until || undefined })} />
      {isFiltered ? (
        <div className="col-span-2 lg:col-span-5 -mt-1">
          <Button size="small" look="quiet" onClick={() => { type(""); void navigate({ to: "/audit", search: {}, replace: true }); }}>{words.audit.reset}</Button>
        </div>
      ) : null}
    </search>
  );
}
