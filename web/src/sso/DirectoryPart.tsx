import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/api.ts";
import { Button } from "../shell/Button.tsx";
import { ConfirmDialog } from "../shell/Dialog.tsx";
import { Notice, ProblemNotice } from "../shell/Notice.tsx";
import { useSigned } from "../team/team.tsx";
import { useFormats } from "../words/format.ts";
import { useWords } from "../words/language.ts";
import { Copied, Part } from "./ConnectionCard.tsx";
import { connectionPath, directoryData } from "./data.ts";
import type { Connection } from "./data.ts";

/** The directory that keeps the team's people by SCIM. */
export function DirectoryPart({ connection }: { connection: Connection }) {
  const words = useWords();
  const formats = useFormats();
  const { team } = useSigned();
  const client = useQueryClient();
  const [ending, setEnding] = useState(false);
  const directory = useQuery(directoryData(team.id, connection.id));
  const path = `${connectionPath(team.id, connection.id)}/directory`;
  const renew = () => client.invalidateQueries({ queryKey: directoryData(team.id, connection.id).queryKey });
  const make = useMutation({ mutationFn: () => call<{ token: string }>(path, { method: "POST" }), onSuccess: renew });
  const { isOn = false, url = "", createdAt = null, lastUsedAt = null } = directory.data ?? {};
  return (
    <Part title={words.sso.directory} text={words.sso.directoryText}>
      {isOn && createdAt ? <p className="text-[0.88rem]">{words.sso.directoryOn(formats.date(createdAt))} · {lastUsedAt ? words.sso.directoryUsed(formats.dateTime(lastUsedAt)) : words.sso.directoryNever}</p> : null}
      {isOn ? <Copied label={words.sso.directoryUrl} text={url} /> : null}
      {make.data ? <Notice tone="good" role="status"><Copied label={words.sso.token} text={make.data.token} /><p className="mt-1.5">{words.sso.tokenOnce}</p></Notice> : null}
      <div className="flex flex-wrap gap-2">
        <Button size="small" disabled={make.isPending} onClick={() => make.mutate()}>{isOn ? words.sso.newToken : words.sso.makeToken}</Button>
        {isOn ? <Button size="small" look="danger" onClick={() => setEnding(true)}>{words.sso.endDirectory}</Button> : null}
      </div>
      <ProblemNotice error={directory.error ?? make.error} />
      <ConfirmDialog
        open={ending} onClose={() => setEnding(false)} title={words.sso.endDirectory} text={words.sso.endDirectoryText} act={words.sso.endDirectory}
        onConfirm={async () => {
          await call(path, { method: "DELETE" });
          make.reset();
          await renew();
        }}
      />
    </Part>
  );
}
