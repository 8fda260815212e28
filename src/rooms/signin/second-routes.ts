import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { cookieOf } from "#src/http/cookies.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { Code } from "#src/rooms/factors/schema.ts";
import { sessionCookieFor, stepCookie, stepCookieFor } from "./cookies.ts";
import { sessionDays } from "./signin.ts";
import type { Signin } from "./signin.ts";

const Signed = Type.Object({ user: Type.Object({ id: Type.String(), name: Type.String() }) });
const CodeKind = Type.Union([Type.Literal("totp"), Type.Literal("recovery")]);

/** The second step of signing in, and the proof that is asked for again within a session. */
export function secondRoutes({ signin }: { signin: Signin }): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/sessions/second-factor",
      summary: "The second step of signing in, with the cookie that the first one set",
      tag: "sign-in",
      access: { public: "signing in" },
      body: Type.Object({ kind: CodeKind, code: Code }, { additionalProperties: false }),
      responses: { 201: Signed },
      async handler(context) {
        const agent = context.request.headers["user-agent"] ?? "";
        const { secret, user } = await signin.secondStep({ step: stepOf(context), shown: context.body, agent, by: doerOf(context) });
        return signedIn(secret, user);
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/proofs",
      summary: "Prove again who one is, for a change of what protects the account; it stands for ten minutes",
      tag: "sign-in",
      access: { signedIn: true },
      body: Type.Union([
        Type.Object({ kind: Type.Literal("password"), password: Type.String({ minLength: 1, maxLength: 4_096 }) }, { additionalProperties: false }),
        Type.Object({ kind: CodeKind, code: Code }, { additionalProperties: false }),
      ]),
      responses: { 204: null },
      async handler(context) {
        const { user, id } = inPerson(context.actor);
        await signin.prove({ user, session: id, proof: context.body, by: doerOf(context) });
      },
    }),
  ];
}

function stepOf({ request }: Pick<Context, "request">): string {
  const step = cookieOf(request.headers, stepCookie);
  if (!step) throw new Problem("SECOND_STEP_EXPIRED");
  return step.slice(0, 200);
}

/** The session's cookie comes, that of the step goes. */
function signedIn(secret: string, user: { id: string; name: string }) {
  const cookies = [sessionCookieFor(secret, sessionDays * 86_400), stepCookieFor(null)];
  return answer({ status: 201, headers: { "set-cookie": cookies }, body: { user: { id: user.id, name: user.name } } });
}
