import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import type { Me, Team } from "../api/types.ts";
import { SignOutButton } from "../account/SignOutButton.tsx";
import { Button } from "../shell/Button.tsx";
import { TextField } from "../shell/Field.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { useWords } from "../words/language.ts";

/** For a person without a team: make one. */
export function FirstTeam({ me }: { me: Me }) {
  const words = useWords();
  return (
    <main className="mx-auto max-w-[460px] px-4 py-16">
      <h1>{words.home.noTeam}</h1>
      <p className="text-ink-2 mt-2 mb-6">{words.home.noTeamText}</p>
      <NewTeamForm suggested={me.user.name} onMade={() => undefined} />
      <p className="mt-8"><SignOutButton /></p>
    </main>
  );
}

export function NewTeamForm({ suggested, onMade }: { suggested: string; onMade: (team: string) => void }) {
  const words = useWords();
  const client = useQueryClient();
  const [name, setName] = useState(suggested);
  const make = useMutation({
    mutationFn: () => call<Team>("/api/v1/teams", { method: "POST", body: { name: name.trim() } }),
    async onSuccess(team) {
      await client.invalidateQueries({ queryKey: ["me"] });
      onMade(team.id);
    },
  });
  return (
    <form className="grid gap-4" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
      <TextField label={words.home.teamName} value={name} onText={setName} maxLength={200} required />
      <ProblemNotice error={make.error} />
      <div><Button type="submit" look="primary" disabled={name.trim() === "" || make.isPending}>{words.home.makeTeam}</Button></div>
    </form>
  );
}
