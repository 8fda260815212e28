import { Link } from "@tanstack/react-router";
import { Check, Minus } from "lucide-react";
import { permissions } from "#src/access/permissions.ts";
import { Page } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";

const roles = ["owner", "admin", "editor", "viewer"] as const;

/** The table that the server asks, as it stands in the code. */
export function PermissionsPage() {
  const words = useWords();
  const nouns = [...new Set(Object.keys(permissions).map((action) => action.split(":")[0] as string))];
  return (
    <Page title={words.access.permissions} text={words.access.permissionsText} above={<p className="text-[0.88rem] mb-1"><Link to="/team" className="text-ink-2 hover:text-ink no-underline">{words.nav.team}</Link></p>}>
      <div className="card overflow-x-auto">
        <table className="table">
          <thead><tr><th scope="col">{words.access.action}</th>{roles.map((role) => <th key={role} scope="col" className="!text-center">{words.account.roles[role]}</th>)}<th scope="col" className="!text-center">{words.access.readToken}</th></tr></thead>
          {nouns.map((noun) => (
            <tbody key={noun}>
              <tr><th scope="rowgroup" colSpan={6} className="!text-left bg-paper-2 font-semibold">{words.access.nouns[noun] ?? noun}</th></tr>
              {Object.entries(permissions).filter(([action]) => action.startsWith(`${noun}:`)).map(([action, rule]) => (
                <tr key={action}>
                  <th scope="row" className="!font-normal !text-left min-w-[110px]">{words.access.verbs[action.split(":")[1] ?? ""] ?? action} <code className="block text-[0.74rem] text-ink-2">{action}</code></th>
                  {roles.map((role) => <Cell key={role} on={(rule.roles as readonly string[]).includes(role)} />)}
                  <Cell on={rule.scope === "read"} />
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </Page>
  );
}

function Cell({ on }: { on: boolean }) {
  const words = useWords();
  return <td className="!text-center">{on ? <Check size={16} className="inline text-good" aria-label={words.access.yes} /> : <Minus size={14} className="inline text-ink-2 opacity-50" aria-label={words.access.no} />}</td>;
}
