import { Download } from "lucide-react";
import { Button } from "../shell/Button.tsx";
import { Menu, MenuLink, MenuNote } from "../shell/Menu.tsx";
import { useWords } from "../words/language.ts";
import { choices, tableAddress } from "./formats.ts";

/** A whole table as a file. Links, so that the browser itself saves what arrives, however much that is. */
export function TableDownload({ database, table }: { database: string; table: string }) {
  const words = useWords().exports;
  return (
    <Menu trigger={<Button size="small" aria-label={words.downloadTable(table)} icon={<Download size={15} aria-hidden />}>{words.download}</Button>}>
      <MenuNote>{words.whole}</MenuNote>
      {choices.map((choice) => (
        <MenuLink key={choice.key}>
          <a href={tableAddress({ database, table, choice })} download>
            <span className="grow">{words.formats[choice.key]}</span>
            <span className="text-ink-2 text-[0.82rem]">{words.hints[choice.key]}</span>
          </a>
        </MenuLink>
      ))}
    </Menu>
  );
}
