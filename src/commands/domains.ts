import { operator, withMetadata } from "./command.ts";
import type { Command } from "./command.ts";

export const domainCommands: Command[] = [
  {
    noun: "domain",
    verb: "verify",
    summary: "Confirm that a domain of mail is a team's, where no DNS record can say so",
    flags: { team: { about: "the team's id", required: true }, domain: { about: "the domain, which the team has claimed before or claims now", required: true } },
    async run({ config, flags, print }) {
      const { team = "", domain = "" } = flags;
      const verified = await withMetadata(config, async ({ domains }) => {
        const claimed = (await domains.list(team)).find((one) => one.domain === domain.toLowerCase()) ?? (await domains.add({ team, domain, by: operator }));
        return await domains.verify({ team, domain: claimed.domain, isByOperator: true, by: operator });
      });
      print({ domain: verified.domain, verifiedAt: verified.verified_at?.toISOString() ?? null }, verified.domain);
    },
  },
  {
    noun: "domain",
    verb: "release",
    summary: "Let people of a domain come in without single sign-on again, when nobody of the team can say so",
    flags: { team: { about: "the team's id", required: true }, domain: { about: "the domain", required: true } },
    async run({ config, flags, print }) {
      const { team = "", domain = "" } = flags;
      const released = await withMetadata(config, ({ domains }) => domains.require({ team, domain: domain.toLowerCase(), isRequired: false, by: operator }));
      print({ domain: released.domain, ssoRequired: released.sso_required }, released.domain);
    },
  },
];
