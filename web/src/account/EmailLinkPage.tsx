import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { call } from "../api/api.ts";
import { queryClient } from "../api/data.ts";
import { Button, buttonClass } from "../shell/Button.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { Loaded, useTitle } from "../shell/Page.tsx";
import { useWords } from "../words/language.ts";
import { Card } from "./Card.tsx";

interface View {
  kind: "old" | "new" | "revert";
  oldEmail: string;
  newEmail: string;
}

/** Where a mailed link about a change of address leads. */
export function EmailLinkPage() {
  const words = useWords();
  const { link } = useSearch({ from: "/outside/email" });
  useTitle(words.access.link.title);
  const view = useQuery({
    queryKey: ["email-link", link], enabled: link !== undefined, retry: false, staleTime: Infinity, gcTime: 0,
    queryFn: ({ signal }) => call<View>("/api/v1/email-links/view", { method: "POST", body: { link }, signal }),
  });
  return (
    <Card>
      <h1>{words.access.link.title}</h1>
      <div className="mt-3">
        {link === undefined
          ? <Notice tone="bad" title={words.teams.noLink.title}><p>{words.teams.noLink.detail}</p></Notice>
          : <Loaded query={view} lines={3}>{(known) => <Answer link={link} view={known} />}</Loaded>}
      </div>
    </Card>
  );
}

function Answer({ link, view }: { link: string; view: View }) {
  const words = useWords();
  const use = useMutation({
    mutationFn: () => call<{ state: "waiting" | "done" | "reverted" }>("/api/v1/email-links", { method: "POST", body: { link } }),
    // Whoever was signed in here may not be any more.
    onSuccess: () => queryClient.clear(),
  });
  if (use.data) {
    return (
      <>
        <p role="status">{words.access.link[use.data.state]}</p>
        {use.data.state === "done" ? <div className="mt-5"><Link to="/signin" className={buttonClass({ look: "primary" })}>{words.account.signIn}</Link></div> : null}
      </>
    );
  }
  const { kind, oldEmail, newEmail } = view;
  return (
    <>
      <p className="break-words mb-5">{kind === "new" ? words.access.link.new(newEmail) : words.access.link[kind](oldEmail, newEmail)}</p>
      <ProblemNotice error={use.error} />
      <div className="mt-3"><Button look={kind === "revert" ? "danger" : "primary"} disabled={use.isPending} onClick={() => use.mutate()}>{kind === "revert" ? words.access.link.takeBack : words.access.link.confirm}</Button></div>
    </>
  );
}
