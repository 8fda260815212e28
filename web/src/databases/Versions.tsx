import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { databaseVersionsData } from "../api/data.ts";
import type { Database } from "../api/types.ts";
import { buttonClass } from "../shell/Button.tsx";
import { Loaded, Section } from "../shell/Page.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";

export function Versions({ database }: { database: Database }) {
  const words = useWords();
  const formats = useFormats();
  const versions = useQuery(databaseVersionsData(database.id));
  return (
    <Section title={words.databases.versions} text={words.databases.versionsText}>
      <Loaded query={versions} lines={2}>
        {({ items }) => (
          <ul className="card divide-y divide-line">
            {items.map((version) => (
              <li key={version.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
                <div className="grow min-w-0">
                  <p className="font-medium">{words.databases.version(formats.number(version.number))} {version.current ? <span className="chip ml-1">{words.databases.current}</span> : null}</p>
                  <p className="text-[0.84rem] text-ink-2 numeric">
                    <time dateTime={version.createdAt}>{formats.dateTime(version.createdAt)}</time>
                    {version.sizeBytes === null ? null : <> · {formats.bytes(version.sizeBytes)}</>}
                    {version.sha256 === null ? null : <> · <span title={version.sha256}>{words.databases.checksum} <span className="font-mono">{version.sha256.slice(0, 12)}</span></span></>}
                  </p>
                </div>
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
    </Section>
  );
}
