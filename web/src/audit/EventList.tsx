import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { databasesData, membersData, reportsData } from "../api/data.ts";
import { Dialog } from "../shell/Dialog.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import type { Words } from "../words/en.ts";
import type { AuditEvent } from "./audit.ts";

const actionOf = (words: Words, action: string): string => words.audit.actions[action] ?? action;

function actorOf(words: Words, { actor }: AuditEvent): string {
  return actor.name ?? (actor.id === null ? (words.audit.actors[actor.kind] ?? actor.kind) : words.audit.gone);
}

/** What an event is about, by its name where it is still there. */
function useNames(): (event: AuditEvent) => { name: string | null; link: ((text: string) => ReactNode) | null } {
  const { team } = useSigned();
  const people = useQuery(membersData(team.id)).data?.items;
  const databases = useQuery(databasesData(team.id)).data?.items;
  const reports = useQuery(reportsData(team.id)).data?.items;
  return ({ resource: { kind, id } }) => {
    if (kind === "team" && id === team.id) return { name: team.name, link: null };
    if (kind === "user") return { name: people?.find(({ user }) => user.id === id)?.user.name ?? null, link: null };
    const database = kind === "database" ? databases?.find((one) => one.id === id) : undefined;
    if (database) return { name: database.name, link: (text) => <Link to="/databases/$database" params={{ database: id }} className="prose-link">{text}</Link> };
    const report = kind === "report" ? reports?.find((one) => one.id === id) : undefined;
    if (report) return { name: report.title, link: (text) => <Link to="/reports/$report" params={{ report: id }} className="prose-link">{text}</Link> };
    return { name: null, link: null };
  };
}

/** Events as a table; on a phone as lines. Each opens with all that it says. */
export function EventList({ items }: { items: AuditEvent[] }) {
  const words = useWords();
  const formats = useFormats();
  const nameOf = useNames();
  const [open, setOpen] = useState<AuditEvent | null>(null);
  const { columns } = words.audit;
  return (
    <div className="card overflow-hidden">
      <table className="table">
        <thead className="max-sm:sr-only"><tr>{[columns.what, columns.about, columns.who, columns.from, columns.when].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>
          {items.map((event) => {
            const about = nameOf(event).name ?? words.audit.kinds[event.resource.kind] ?? event.resource.kind;
            return (
              <tr key={event.id} className="hover:bg-paper-2 relative">
                <td className="sm:min-w-[180px] max-sm:w-full">
                  <button type="button" className="text-left font-medium text-ink after:absolute after:inset-0" onClick={() => setOpen(event)}>{actionOf(words, event.action)}</button>
                  <span className="sm:hidden text-[0.84rem] text-ink-2 block mt-0.5">{about}</span>
                  <span className="sm:hidden text-[0.84rem] text-ink-2 block">{actorOf(words, event)} · {formats.dateTime(event.at)}</span>
                </td>
                <td className="max-sm:hidden max-w-[240px] truncate">{about}</td>
                <td className="max-sm:hidden max-w-[200px] truncate">{actorOf(words, event)}</td>
                <td className="max-sm:hidden text-ink-2 whitespace-nowrap max-w-[180px] truncate">{event.address ?? "–"}</td>
                <td className="max-sm:hidden text-ink-2 whitespace-nowrap"><time dateTime={event.at}>{formats.dateTime(event.at)}</time></td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Dialog open={open !== null} onClose={() => setOpen(null)} title={open ? actionOf(words, open.action) : ""} wide>
        {open ? <Details event={open} {...nameOf(open)} /> : null}
      </Dialog>
    </div>
  );
}

function Details({ event, name, link }: { event: AuditEvent; name: string | null; link: ((text: string) => ReactNode) | null }) {
  const words = useWords();
  const formats = useFormats();
  const { audit } = words;
  const { actor, resource } = event;
  const kind = audit.kinds[resource.kind] ?? resource.kind;
  const lines: [string, ReactNode][] = [
    [audit.columns.when, <time key="t" dateTime={event.at}>{formats.dateTime(event.at)} <Code>{event.at}</Code></time>],
    [audit.columns.who, <>{actorOf(words, event)} {actor.id ? <Code>{actor.id}</Code> : null}</>],
    [audit.by, audit.actors[actor.kind] ?? actor.kind],
    [audit.columns.from, event.address ?? "–"],
    [audit.columns.about, <>{kind}{name ? <>: {link ? link(name) : name}</> : null} <Code>{resource.id}</Code></>],
    ...Object.entries(event.facts).map(([fact, value]): [string, ReactNode] => [audit.facts[fact] ?? fact, String(value)]),
    [audit.code, <Code key="c">{event.action}</Code>],
    [audit.request, event.requestId ? <Code>{event.requestId}</Code> : "–"],
    [audit.event, <Code key="e">{event.id}</Code>],
  ];
  return (
    <dl className="grid sm:grid-cols-[minmax(110px,auto)_1fr] gap-x-5 gap-y-2 text-[0.93rem]">
      {lines.map(([label, value]) => (
        <div key={label} className="contents">
          <dt className="text-ink-2 max-sm:mt-1">{label}</dt>
          <dd className="min-w-0 max-sm:-mt-1.5">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const Code = ({ children }: { children: ReactNode }) => <code className="font-mono text-[0.82rem] text-ink-2 break-all">{children}</code>;
