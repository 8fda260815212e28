import { Type } from "typebox";
import type { Static } from "typebox";
import { inPerson } from "#src/access/person.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { cookieOf } from "#src/http/cookies.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { AuthenticationResponseJSON, Factors } from "#src/rooms/factors/factors.ts";
import { Asserted, Code, Options } from "#src/rooms/factors/schema.ts";
import { sessionCookieFor, stepCookie, stepCookieFor } from "./cookies.ts";
import { sessionDays } from "./signin.ts";
import type { Shown } from "./second.ts";
import type { Signin } from "./signin.ts";

const Signed = Type.Object({ user: Type.Object({ id: Type.String(), name: Type.String() }) });
const ByCode = Type.Object({ kind: Type.Union([Type.Literal("totp"), Type.Literal("recovery")]), code: Code }, { additionalProperties: false });
const ByPasskey = Type.Object({ kind: Type.Literal("passkey"), response: Asserted }, { additionalProperties: false });
const ByPassword = Type.Object({ kind: Type.Literal("password"), password: Type.String({ minLength: 1, maxLength: 4_096 }) }, { additionalProperties: false });
// The shapes of the browser's answers are held above; what is in them, by the library.
const shownIn = (body: Static<typeof ByCode> | Static<typeof ByPasskey>): Shown => body as Shown;

/** The second step of signing in, and the proof that is asked for again within a session. */
export function secondRoutes({ signin, factors }: { signin: Signin; factors: Factors }): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/sessions/second-factor",
      summary: "The second step of signing in, with the cookie that the first one set",
      tag: "sign-in",
      access: { public: "signing in" },
      body: Type.Union([ByCode, ByPasskey]),
      responses: { 201: Signed },
      async handler(context) {
        const agent = context.request.headers["user-agent"] ?? "";
        const { secret, user } = await signin.secondStep({ step: stepOf(context), shown: shownIn(context.body), agent, by: doerOf(context) });
        return signedIn(secret, user);
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/sessions/second-factor/options",
      summary: "Options for the browser's navigator.credentials.get, for a passkey as the second step",
      tag: "sign-in",
      access: { public: "signing in" },
      responses: { 200: Options },
      handler: async (context) => ({ options: await signin.secondStepOptions({ step: stepOf(context) }) }),
    }),
    route({
      method: "POST",
      url: "/api/v1/passkey-sessions/options",
      summary: "Options for the browser's navigator.credentials.get, to sign in with a passkey alone",
      tag: "sign-in",
      access: { public: "signing in" },
      responses: { 200: Options },
      handler: async () => ({ options: await factors.askPasskey({ purpose: "first", user: null }) }),
    }),
    route({
      method: "POST",
      url: "/api/v1/passkey-sessions",
      summary: "Sign in with a passkey alone; it counts for both steps",
      tag: "sign-in",
      access: { public: "signing in" },
      body: Type.Object({ response: Asserted }, { additionalProperties: false }),
      responses: { 201: Signed },
      async handler(context) {
        const agent = context.request.headers["user-agent"] ?? "";
        const { secret, user } = await signin.signInByPasskey({ response: context.body.response as unknown as AuthenticationResponseJSON, agent, by: doerOf(context) });
        return signedIn(secret, user);
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/proofs/options",
      summary: "Options for the browser's navigator.credentials.get, for a passkey as a proof",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 200: Options },
      handler: async ({ actor }) => ({ options: await factors.askPasskey({ purpose: "proof", user: inPerson(actor).user }) }),
    }),
    route({
      method: "POST",
      url: "/api/v1/me/proofs",
      summary: "Prove again who one is, for a change of what protects the account; it stands for ten minutes",
      tag: "sign-in",
      access: { signedIn: true },
      body: Type.Union([ByPassword, ByCode, ByPasskey]),
      responses: { 204: null },
      async handler(context) {
        const { user, id } = inPerson(context.actor);
        await signin.prove({ user, session: id, proof: context.body.kind === "password" ? context.body : shownIn(context.body), by: doerOf(context) });
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
