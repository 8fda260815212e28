import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { call } from "../api/api.ts";
import { signOut } from "../account/signOut.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { Check } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Page, Section } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useWords } from "../words/language.ts";
import { useSigned } from "./team.tsx";

/** The team's switch, for its administrators. */
export function FactorRequirement() {
  const words = useWords();
  const { me, team } = useSigned();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (factorRequired: boolean) => call(`/api/v1/teams/${encodeURIComponent(team.id)}`, { method: "PATCH", body: { factorRequired } }),
    async onSuccess(_, factorRequired) {
      await client.invalidateQueries({ queryKey: ["me"] });
      say(factorRequired ? words.factors.team.saved.on : words.factors.team.saved.off);
    },
  });
  return (
    <Section title={words.factors.team.title} text={words.factors.team.text}>
      <div className="card px-4 py-3.5 grid gap-2.5">
        <Check label={words.factors.team.switch} checked={change.isPending ? change.variables : team.factorRequired} onCheck={(checked) => { if (!change.isPending) change.mutate(checked); }} />
        {me.hasFactor ? null : <p className="text-[0.88rem] text-ink-2"><Link to="/account" hash="two-step" className="prose-link">{words.factors.team.ownFirst}</Link></p>}
        <ProblemNotice error={change.error} />
      </div>
    </Section>
  );
}

/** In the place of everything of a team that is kept from this session. */
export function ClosedTeam({ hasFactors }: { hasFactors: boolean }) {
  const words = useWords();
  const { team } = useSigned();
  return (
    <Page title={words.factors.team.closed(team.name)} above={<ShieldCheck size={30} className="text-accent mb-3" aria-hidden />} text={hasFactors ? words.factors.team.closedAgain : words.factors.team.closedText} narrow>
      {hasFactors ? <Button look="primary" onClick={() => void signOut()}>{words.factors.team.signInAgain}</Button>
        : <Link to="/account" hash="two-step" className={buttonClass({ look: "primary" })}>{words.factors.team.open}</Link>}
    </Page>
  );
}
