import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import { databasesData, reportsData } from "../api/data.ts";
import { DatabaseTable } from "../databases/DatabaseTable.tsx";
import { Dropzone } from "../databases/Dropzone.tsx";
import { addUploads } from "../databases/uploads.ts";
import { ReportTable } from "../reports/ReportTable.tsx";
import { useSigned } from "../team/team.tsx";
import { useWords } from "../words/language.ts";
import { buttonClass } from "./Button.tsx";
import { Loaded, Page, Section } from "./Page.tsx";

const recentMax = 5;

export function HomePage() {
  const words = useWords();
  const { me, team, mayEdit } = useSigned();
  const databases = useQuery(databasesData(team.id));
  const reports = useQuery(reportsData(team.id));
  const empty = databases.data?.items.length === 0 && (reports.data?.items.length ?? 0) === 0;
  if (empty) return <FirstSteps />;
  return (
    <Page title={words.home.greeting(me.user.name)} text={mayEdit ? <span className="max-sm:hidden">{words.home.drop}</span> : undefined} actions={mayEdit ? <Link to="/databases/new" className={buttonClass({ look: "primary" })}><Upload size={16} aria-hidden />{words.databases.upload}</Link> : null}>
      <Section title={words.home.recentReports} actions={<Link to="/reports" className="prose-link text-[0.93rem]">{words.home.all}</Link>}>
        <Loaded query={reports} lines={3}>
          {({ items }) => (items.length === 0 ? <p className="text-ink-2">{words.home.noReports}</p> : <ReportTable items={items.slice(0, recentMax)} />)}
        </Loaded>
      </Section>
      <Section title={words.home.recentDatabases} actions={<Link to="/databases" className="prose-link text-[0.93rem]">{words.home.all}</Link>}>
        <Loaded query={databases} lines={3}>{({ items }) => <DatabaseTable items={items.slice(0, recentMax)} />}</Loaded>
      </Section>
    </Page>
  );
}

function FirstSteps() {
  const words = useWords();
  const { team, mayEdit } = useSigned();
  const navigate = useNavigate();
  const take = (files: File[]): void => {
    addUploads({ files, team: team.id });
    void navigate({ to: "/databases/new" });
  };
  return (
    <Page title={words.home.firstTitle} text={words.home.firstText}>
      <ol className="grid gap-4 md:grid-cols-3 mb-7">
        {words.home.steps.map((step, i) => (
          <li key={step.title} className="card p-5">
            <span className="inline-flex items-center justify-center size-8 rounded-full bg-accent-soft text-accent-2 font-semibold numeric" aria-hidden>{i + 1}</span>
            <h2 className="mt-3">{step.title}</h2>
            <p className="text-ink-2 mt-1 text-[0.93rem]">{step.text}</p>
          </li>
        ))}
      </ol>
      {mayEdit ? <Dropzone onFiles={take} /> : null}
      <p className="mt-6 text-center"><a href="/gallery" className="prose-link">{words.home.gallery}</a></p>
    </Page>
  );
}
