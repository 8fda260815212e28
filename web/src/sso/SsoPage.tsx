import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Button } from "../shell/Button.tsx";
import { Notice } from "../shell/Notice.tsx";
import { Loaded, Page, Section } from "../shell/Page.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { AddConnection } from "./AddConnection.tsx";
import { ConnectionCard } from "./ConnectionCard.tsx";
import { Domains } from "./Domains.tsx";
import { connectionsData } from "./data.ts";

/** Single sign-on of a team, for its administrators. */
export function SsoPage() {
  const words = useWords();
  const { team, mayAdminister } = useSigned();
  return (
    <Page title={words.sso.title} above={<p className="text-[0.88rem] text-ink-2 mb-1"><Link to="/team" className="prose-link">{team.name}</Link></p>} text={words.sso.text}>
      {!mayAdminister ? null : team.plan === "enterprise" ? <><Connections /><Domains /></> : <Notice>{words.sso.enterprise}</Notice>}
    </Page>
  );
}

function Connections() {
  const words = useWords();
  const { team } = useSigned();
  const connections = useQuery(connectionsData(team.id));
  const [adding, setAdding] = useState(false);
  return (
    <Section title={words.sso.connections} actions={<Button size="small" icon={<Plus size={15} aria-hidden />} onClick={() => setAdding(true)}>{words.sso.add}</Button>}>
      <Loaded query={connections} lines={3}>
        {({ items }) => items.length === 0 ? <p className="text-ink-2">{words.sso.noConnections}</p> : <div className="grid gap-4">{items.map((one) => <ConnectionCard key={one.id} connection={one} />)}</div>}
      </Loaded>
      {adding ? <AddConnection onClose={() => setAdding(false)} /> : null}
    </Section>
  );
}
