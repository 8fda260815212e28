import { Type } from "typebox";
import { inPerson } from "#src/access/person.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import type { Changer, Factors, RegistrationResponseJSON, Standing } from "./factors.ts";
import { Added, Code, Created, Options, Overview, PasskeyName, RecoveryCodes, TotpSetup } from "./schema.ts";

export interface FactorsRoutesParts {
  factors: Factors;
  standing: Standing;
}

export function factorsRoutes(parts: FactorsRoutesParts): Route[] {
  return [...overviewRoutes(parts), ...totpRoutes(parts), ...passkeyRoutes(parts)];
}

/** Who asks, for a change of their own factors. */
function changerOf(standing: Standing, context: Pick<Context, "actor" | "requestId" | "address">): Changer {
  const { user, id } = inPerson(context.actor);
  return { user, session: id, by: doerOf(context), standing };
}

function overviewRoutes({ factors, standing }: FactorsRoutesParts): Route[] {
  return [
    route({
      method: "GET",
      url: "/api/v1/me/factors",
      summary: "What protects one's own account beside the password",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 200: Overview },
      async handler({ actor }) {
        const found = await factors.overview(inPerson(actor).user);
        return {
          ...found,
          totp: found.totp ? { createdAt: found.totp.createdAt.toISOString() } : null,
          passkeys: found.passkeys.map((one) => ({ ...one, createdAt: one.createdAt.toISOString(), lastUsedAt: one.lastUsedAt?.toISOString() ?? null })),
        };
      },
    }),
    route({
      method: "POST",
      url: "/api/v1/me/factors/recovery-codes",
      summary: "Make ten new recovery codes; they are shown this once, and the old ones end",
      tag: "sign-in",
      access: { signedIn: true },
      isSecret: true,
      responses: { 201: RecoveryCodes },
      async handler(context) {
        const { recoveryCodes, cookie } = await factors.renewRecoveryCodes(changerOf(standing, context));
        return answer({ status: 201, headers: { "set-cookie": cookie }, body: { recoveryCodes } });
      },
    }),
  ];
}

function totpRoutes({ factors, standing }: FactorsRoutesParts): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/me/factors/totp/setup",
      summary: "Begin with one-time codes: a secret for the app, shown this once; it counts after its first right code",
      tag: "sign-in",
      access: { signedIn: true },
      isSecret: true,
      responses: { 201: TotpSetup },
      handler: (context) => factors.startTotp(changerOf(standing, context)),
    }),
    route({
      method: "POST",
      url: "/api/v1/me/factors/totp",
      summary: "Confirm the app with its first code; with the first factor come recovery codes, shown this once",
      tag: "sign-in",
      access: { signedIn: true },
      isSecret: true,
      body: Type.Object({ code: Code }, { additionalProperties: false }),
      responses: { 201: Added },
      async handler(context) {
        const { recoveryCodes, cookie } = await factors.confirmTotp({ ...changerOf(standing, context), code: context.body.code });
        return answer({ status: 201, headers: { "set-cookie": cookie }, body: { recoveryCodes } });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/factors/totp",
      summary: "Remove one-time codes; every other session ends",
      tag: "sign-in",
      access: { signedIn: true },
      responses: { 204: null },
      async handler(context) {
        const { cookie } = await factors.deleteTotp(changerOf(standing, context));
        return answer({ status: 204, headers: { "set-cookie": cookie } });
      },
    }),
  ];
}

function passkeyRoutes({ factors, standing }: FactorsRoutesParts): Route[] {
  const PasskeyParams = Type.Object({ id: Type.String() });
  return [
    route({
      method: "POST",
      url: "/api/v1/me/factors/passkeys/options",
      summary: "Begin with a passkey: options for the browser's navigator.credentials.create",
      tag: "sign-in",
      access: { signedIn: true },
      isSecret: true,
      responses: { 200: Options },
      handler: async (context) => ({ options: await factors.startPasskey(changerOf(standing, context)) }),
    }),
    route({
      method: "POST",
      url: "/api/v1/me/factors/passkeys",
      summary: "Keep the passkey that the browser made; with the first factor come recovery codes, shown this once",
      tag: "sign-in",
      access: { signedIn: true },
      isSecret: true,
      body: Type.Object({ name: PasskeyName, response: Created }, { additionalProperties: false }),
      responses: { 201: Added },
      async handler(context) {
        const { name, response } = context.body;
        const { recoveryCodes, cookie } = await factors.createPasskey({ ...changerOf(standing, context), name, response: response as unknown as RegistrationResponseJSON });
        return answer({ status: 201, headers: { "set-cookie": cookie }, body: { recoveryCodes } });
      },
    }),
    route({
      method: "PATCH",
      url: "/api/v1/me/factors/passkeys/:id",
      summary: "Rename a passkey",
      tag: "sign-in",
      access: { signedIn: true },
      params: PasskeyParams,
      body: Type.Object({ name: PasskeyName }, { additionalProperties: false }),
      responses: { 204: null },
      async handler(context) {
        await factors.renamePasskey({ user: inPerson(context.actor).user, id: context.params.id, name: context.body.name, by: doerOf(context) });
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/me/factors/passkeys/:id",
      summary: "Remove a passkey; every other session ends",
      tag: "sign-in",
      access: { signedIn: true },
      params: PasskeyParams,
      responses: { 204: null },
      async handler(context) {
        const { cookie } = await factors.deletePasskey({ ...changerOf(standing, context), id: context.params.id });
        return answer({ status: 204, headers: { "set-cookie": cookie } });
      },
    }),
  ];
}
