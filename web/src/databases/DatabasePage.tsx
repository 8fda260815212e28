import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Download, Globe, MoreHorizontal, Pencil, Replace, TerminalSquare, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { databaseData, schemaData, suggestionsData } from "../api/data.ts";
import type { Database } from "../api/types.ts";
import { IconButton, buttonClass } from "../shell/Button.tsx";
import { Menu, MenuItem, MenuLine, MenuLink } from "../shell/Menu.tsx";
import { Notice } from "../shell/Notice.tsx";
import { Page, Section, Waiting } from "../shell/Page.tsx";
import { SharingDialog } from "../team/Sharing.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { DeleteDatabase, RenameDatabase, ReplaceContents } from "./DatabaseDialogs.tsx";
import { PublicDialog, PublicMark } from "./PublicDialog.tsx";
import { Refresh } from "./Refresh.tsx";
import { Relations } from "./Relations.tsx";
import { FasterAnswers } from "./FasterAnswers.tsx";
import { RowRules } from "./RowRules.tsx";
import { Suggestions } from "./Suggestions.tsx";
import { TablePanel } from "./TablePanel.tsx";
import { Versions } from "./Versions.tsx";
import { mainTable } from "./tables.ts";

export function DatabasePage() {
  const { database: id } = useParams({ from: "/inside/databases/$database" });
  const database = useQuery(databaseData(id));
  if (!database.data) return <Waiting query={database} />;
  return <DatabaseView database={database.data} />;
}

function DatabaseView({ database }: { database: Database }) {
  const words = useWords();
  const { table: wanted } = useSearch({ from: "/inside/databases/$database" });
  const navigate = useNavigate();
  const { mayAdminister, mayEdit } = useSigned();
  const schema = useQuery(schemaData(database.id));
  const names = database.tables.map((table) => table.name);
  const picked = wanted !== undefined && names.includes(wanted) ? wanted : names.length === 1 ? names[0] : undefined;
  // Until one is picked, the table with the most to tell is shown, as the suggestions see it.
  const first = useQuery({ ...suggestionsData(database.id), enabled: picked === undefined && names.length > 0 });
  const table = picked ?? first.data?.items[0]?.table ?? (first.isPending ? undefined : mainTable(database.tables)?.name);
  return (
    <Page
      title={database.name}
      above={<p className="text-[0.88rem] mb-1 flex flex-wrap gap-x-4"><Link to="/databases" className="text-ink-2 hover:text-ink no-underline">{words.databases.title}</Link><PublicMark database={database.id} /></p>}
      text={database.description || <Facts database={database} />}
      actions={<Actions database={database} />}
    >
      {database.hasHiddenRows ? <div className="mb-7"><Notice title={words.rules.restricted}><p>{words.rules.restrictedText}</p></Notice></div> : null}
      <Notes database={database} />
      {names.length > 0 ? <Suggestions database={database} table={picked} /> : null}
      <Section title={words.databases.tables}>
        {names.length > 1 ? (
          <div role="group" aria-label={words.databases.tables} className="flex flex-wrap gap-1.5 mb-4">
            {database.tables.map((one) => (
              <button
                key={one.name} type="button" aria-pressed={one.name === table}
                className="min-h-8 px-3 rounded-full border border-line text-[0.9rem] hover:border-line-2 aria-pressed:bg-ink aria-pressed:text-paper aria-pressed:border-ink max-w-full truncate"
                onClick={() => void navigate({ to: ".", search: { table: one.name }, replace: true, resetScroll: false })}
              >
                {one.name}
              </button>
            ))}
          </div>
        ) : null}
        {table !== undefined ? <TablePanel key={`${database.version} ${table}`} database={database} table={table} schema={schema.data?.tables.find((one) => one.name === table)} /> : names.length > 0 ? <div className="skeleton h-[440px]" /> : <p className="text-ink-2">{words.state.empty}</p>}
      </Section>
      {schema.data ? <Relations tables={schema.data.tables} onTable={(one) => void navigate({ to: ".", search: { table: one }, replace: true })} /> : null}
      {mayAdminister ? <RowRules database={database} /> : null}
      {mayEdit && !database.hasHiddenRows ? <Refresh database={database} /> : null}
      {mayEdit && !database.hasHiddenRows ? <FasterAnswers database={database} /> : null}
      <Versions database={database} />
    </Page>
  );
}

function Facts({ database }: { database: Database }) {
  const words = useWords();
  const formats = useFormats();
  const rows = database.tables.reduce((sum, table) => sum + (table.rows ?? 0), 0);
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-0.5 text-[0.92rem] numeric">
      <span>{words.counts.tables(formats.number(database.tables.length))}</span>
      {database.hasHiddenRows ? null : <span>{words.counts.rows(formats.number(rows))}</span>}
      {database.sizeBytes === null ? null : <span>{formats.bytes(database.sizeBytes)}</span>}
      <span>{words.databases.updated} <time dateTime={database.updatedAt} title={formats.dateTime(database.updatedAt)}>{formats.ago(database.updatedAt)}</time></span>
      {database.source?.fileName ? <span className="truncate">{words.databases.uploadedFrom} {database.source.fileName}{database.source.encoding && !/^utf-?8$/i.test(database.source.encoding) ? ` (${database.source.encoding})` : ""}</span> : null}
    </span>
  );
}

/** What the import did beyond reading: nothing is changed in silence. */
function Notes({ database: { warnings = [] } }: { database: Database }) {
  const words = useWords();
  const formats = useFormats();
  const lines = warnings.flatMap(({ code, count, line, names, file }) => {
    const note = words.databases.notes[code]?.(formats.number(count ?? 0), formats.number(line ?? 0), names ?? "");
    return note === undefined ? [] : [file === undefined ? note : `${file}: ${note}`];
  });
  if (lines.length === 0) return null;
  return (
    <div className="mb-7">
      <Notice title={words.databases.warnings}>
        <ul className="list-disc pl-5">{lines.map((line) => <li key={line}>{line}</li>)}</ul>
      </Notice>
    </div>
  );
}

type Open = "rename" | "replace" | "share" | "public" | "delete" | null;

function Actions({ database }: { database: Database }) {
  const words = useWords();
  const { mayEdit } = useSigned();
  const [open, setOpen] = useState<Open>(null);
  const close = (): void => setOpen(null);
  const download = `/api/v1/databases/${encodeURIComponent(database.id)}/download`;
  return (
    <>
      <Link to="/databases/$database/query" params={{ database: database.id }} search={{}} className={buttonClass({ look: "primary" })}><TerminalSquare size={16} aria-hidden />{words.databases.query}</Link>
      <Menu trigger={<IconButton label={words.actions.more} className="border border-line-2/60 !min-h-[38px] !min-w-[38px]"><MoreHorizontal size={18} aria-hidden /></IconButton>}>
        <MenuLink><a href={download} download><Download size={16} aria-hidden />{words.databases.download}</a></MenuLink>
        {mayEdit ? (
          <>
            {database.hasHiddenRows ? null : <MenuItem icon={<Replace size={16} aria-hidden />} onPick={() => setOpen("replace")}>{words.databases.replace}</MenuItem>}
            <MenuItem icon={<Pencil size={16} aria-hidden />} onPick={() => setOpen("rename")}>{words.databases.rename}</MenuItem>
            <MenuItem icon={<Users size={16} aria-hidden />} onPick={() => setOpen("share")}>{words.access.share}</MenuItem>
            <MenuItem icon={<Globe size={16} aria-hidden />} onPick={() => setOpen("public")}>{words.publicdata.open}</MenuItem>
            <MenuLine />
            <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onPick={() => setOpen("delete")}>{words.databases.delete}</MenuItem>
          </>
        ) : null}
      </Menu>
      <SharingDialog of="databases" id={database.id} open={open === "share"} onClose={close} />
      <PublicDialog database={database.id} open={open === "public"} onClose={close} />
      <RenameDatabase database={database} open={open === "rename"} onClose={close} />
      <ReplaceContents database={database} open={open === "replace"} onClose={close} />
      <DeleteDatabase database={database} open={open === "delete"} onClose={close} />
    </>
  );
}
