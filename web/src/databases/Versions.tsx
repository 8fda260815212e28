import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { databaseVersionsData } from "../api/data.ts";
import type { Database, DatabaseVersion } from "../api/types.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { LabelVersion, RestoreVersion } from "./VersionActions.tsx";

export function Versions({ database }: { database: Database }) {
  const words = useWords();
  const formats = useFormats();
  const versions = useQuery(databaseVersionsData(database.id));
  const mayChange = useSigned().mayEdit && !database.hasHiddenRows;
  const [labelled, setLabelled] = useState<DatabaseVersion | null>(null);
  return (
    <Section title={words.databases.versions} text={words.databases.versionsText}>
      <Loaded query={versions} lines={2}>
        {({ items }) => (
          <ul className="card divide-y divide-line">
            {items.map((version) => (
              <li key={version.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
                <div className="grow min-w-0">
                  <p className="font-medium">{words.databases.version(formats.number(version.number))} {version.label === "" ? null : <> · {version.label}</>} {version.current ? <span className="chip ml-1">{words.databases.current}</span> : null}</p>
                  {version.note === "" ? null : <p className="text-[0.9rem] break-words">{version.note}</p>}
                  <p className="text-[0.84rem] text-ink-2 numeric">
                    <time dateTime={version.createdAt}>{formats.dateTime(version.createdAt)}</time>
                    {version.sizeBytes === null ? null : <> · {formats.bytes(version.sizeBytes)}</>}
                    {version.restoredFrom === null ? null : <> · {words.databases.restoredFrom(formats.number(version.restoredFrom))}</>}
                    {version.sha256 === null ? null : <> · <span title={version.sha256}>{words.databases.checksum} <span className="font-mono">{version.sha256.slice(0, 12)}</span></span></>}
                  </p>
                </div>
                {mayChange ? <Button size="small" aria-label={`${words.databases.label}: ${words.databases.version(formats.number(version.number))}`} onClick={() => setLabelled(version)}>{words.databases.label}</Button> : null}
                {mayChange && !version.current ? <RestoreVersion database={database} version={version} /> : null}
                <a
                  className={buttonClass({ size: "small" })} download aria-label={`${words.actions.download}: ${words.databases.version(formats.number(version.number))}`}
                  href={`/api/v1/databases/${encodeURIComponent(database.id)}/download?version=${encodeURIComponent(version.id)}`}
                >
                  <Download size={15} aria-hidden />{words.actions.download}
                </a>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {labelled ? <LabelVersion database={database} version={labelled} onClose={() => setLabelled(null)} /> : null}
    </Section>
  );
}
