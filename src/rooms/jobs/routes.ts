import { Readable } from "node:stream";
import { Type } from "typebox";
import { answer, route } from "#src/http/routes.ts";
import type { Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { showJob } from "./jobs.ts";
import type { Jobs } from "./jobs.ts";

const Job = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  state: Type.Union([Type.Literal("queued"), Type.Literal("running"), Type.Literal("done"), Type.Literal("failed"), Type.Literal("cancelled")]),
  progress: Type.Object({ done: Type.Number(), total: Type.Union([Type.Number(), Type.Null()]), unit: Type.String() }),
  result: Type.Unknown(),
  error: Type.Unknown(),
});
const JobParams = Type.Object({ job: Type.String() });

const lookEveryMs = 250;
const streamMsMax = 30 * 60_000;

export function jobsRoutes({ jobs }: { jobs: Jobs }): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/jobs/:job",
      summary: "A job's state and progress; a stream of them with Accept: text/event-stream",
      tag: "jobs",
      access: { action: "job:read", of: "job", param: "job" },
      params: JobParams,
      responses: { 200: Job },
      async handler(context) {
        const { team, id } = context.resource;
        if (!context.request.headers.accept?.includes("text/event-stream")) return showJob(await jobs.get(team, id));
        const events = Readable.from(follow({ jobs, team, id, signal: context.signal }));
        return answer({ headers: { "content-type": "text/event-stream", "cache-control": "no-store" }, stream: events });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/jobs/:job",
      summary: "Cancel a job",
      tag: "jobs",
      access: { action: "job:cancel", of: "job", param: "job" },
      params: JobParams,
      responses: { 204: null },
      handler: (context) => jobs.cancel({ team: context.resource.team, id: context.resource.id, by: doerOf(context) }),
    }),
  ];
}

// One event for each change, until the job has ended.
async function* follow({ jobs, team, id, signal }: { jobs: Jobs; team: string; id: string; signal: AbortSignal }): AsyncGenerator<string> {
  let last = "";
  for (let waitedMs = 0; !signal.aborted && waitedMs < streamMsMax; waitedMs += lookEveryMs) {
    const job = await jobs.get(team, id);
    const text = JSON.stringify(showJob(job));
    if (text !== last) yield `data: ${text}\n\n`;
    last = text;
    if (job.state !== "queued" && job.state !== "running") return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
