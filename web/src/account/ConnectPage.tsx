import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { ProblemNotice } from "../shell/Notice.tsx";
import { Page } from "../shell/Page.tsx";
import { say } from "../shell/toast.tsx";
import { useWords } from "../words/language.ts";
import { ownPath } from "./ownPath.ts";
import { shownError, useProof } from "./proof.tsx";

/** Where signing in leads to after a provider's account was proven that has the same address: connects the two and goes on. */
export function ConnectPage() {
  const words = useWords();
  const { to } = useSearch({ from: "/inside/connect" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const isBegun = useRef(false);
  const goOn = (): Promise<void> => navigate({ href: ownPath(to), replace: true });
  const { withProof, dialog } = useProof();
  const connect = useMutation({
    mutationFn: () => withProof(() => call("/api/v1/me/identities", { method: "POST" })),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: ["identities"] });
      say(words.providers.done);
      await goOn();
    },
  });
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    connect.mutate();
  }, []);
  return (
    <Page title={connect.isError ? words.providers.notConnected : words.providers.connecting} narrow>
      <ProblemNotice error={shownError(connect.error)} />
      {connect.isError ? <div className="mt-4"><Button onClick={() => void goOn()}>{words.providers.goOn}</Button></div> : null}
      {dialog}
    </Page>
  );
}
