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
];
