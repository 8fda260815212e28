import { Problem } from "#src/base/problems/problem.ts";
import type { Plan } from "#src/rooms/teams/teams.ts";
import { operator, withMetadata } from "./command.ts";
import type { Command } from "./command.ts";

const plans: readonly string[] = ["free", "business", "enterprise"];
const scopes: readonly string[] = ["all", "read"];

export const peopleCommands: Command[] = [
  {
    noun: "user",
    verb: "create",
    summary: "Make an account; prints its id and the link that creates its password",
    flags: { email: { about: "the person's address", required: true }, name: { about: "the person's name, also the user name where it is free", required: true } },
    async run({ config, flags, print }) {
      const made = await withMetadata(config, async ({ postgres, teams, signin, audit }) =>
        postgres.transaction({}, async (tx) => {
          const user = await teams.createUser(tx, { email: flags.email ?? "", name: flags.name ?? "" });
          const link = await signin.createLink(tx, user, config.origin);
          await audit.record(tx, { team: null, action: "user:create", by: operator, resource: { kind: "user", id: user.id } });
          return { id: user.id, userName: user.user_name, link };
        }),
      );
      print(made, `${made.id}\nCreate the password here: ${made.link}`);
    },
  },
  {
    noun: "user",
    verb: "reset-factors",
    summary: "Turn off two-step verification for a person who has lost it; ends their sessions and tells them",
    flags: { email: { about: "the person's address", required: true } },
    async run({ config, flags, print }) {
      const done = await withMetadata(config, async ({ factors, signin }) => {
        const reset = await factors.reset({ email: flags.email ?? "", by: operator });
        if (reset.factors > 0) await signin.endSessions({ user: reset.user, by: operator });
        return reset;
      });
      print(done, `${done.factors} removed`);
    },
  },
  {
    noun: "team",
    verb: "create",
    summary: "Make a team with an owner",
    flags: {
      name: { about: "the team's name", required: true },
      plan: { about: plans.join(" | "), required: true },
      owner: { about: "the owner's e-mail address", required: true },
    },
    async run({ config, flags, print }) {
      const plan = oneOf("plan", flags.plan, plans) as Plan;
      const made = await withMetadata(config, async ({ postgres, teams }) => {
        const owner = await postgres.transaction({}, (tx) => teams.findUserByEither(tx, flags.owner ?? ""));
        if (!owner) throw new Problem("USER_NOT_FOUND", { values: { email: flags.owner ?? "" } });
        return await teams.createTeam({ name: flags.name ?? "", plan, owner: owner.id, by: operator });
      });
      print({ id: made.id }, made.id);
    },
  },
  {
    noun: "team",
    verb: "plan",
    summary: "Put a team on another plan, at once",
    flags: { team: { about: "the team's id", required: true }, plan: { about: plans.join(" | "), required: true } },
    async run({ config, flags, print }) {
      const plan = oneOf("plan", flags.plan, plans) as Plan;
      const team = flags.team ?? "";
      const changed = await withMetadata(config, ({ teams }) => teams.setPlan({ team, plan, by: operator })).catch((error: unknown) => {
        throw error instanceof Problem && error.code === "NOT_FOUND" ? new Problem("TEAM_NOT_FOUND", { values: { team } }) : error;
      });
      print({ id: changed.id, plan: changed.plan }, `${changed.id} ${changed.plan}`);
    },
  },
  {
    noun: "token",
    verb: "create",
    summary: "Make an API token for a member of a team; it is shown once",
    flags: {
      user: { about: "the member's e-mail address", required: true },
      team: { about: "the team's id", required: true },
      scope: { about: scopes.join(" | "), required: true },
      name: { about: "what it is for" },
    },
    async run({ config, flags, print }) {
      const scope = oneOf("scope", flags.scope, scopes) as "all" | "read";
      const { team = "" } = flags;
      const made = await withMetadata(config, async ({ postgres, teams, signin }) => {
        const user = await postgres.transaction({}, (tx) => teams.findUserByEither(tx, flags.user ?? ""));
        if (!user) throw new Problem("USER_NOT_FOUND", { values: { email: flags.user ?? "" } });
        if (!(await teams.teamsOf(user.id)).some((one) => one.id === team)) throw new Problem("TEAM_NOT_FOUND", { values: { team } });
        return await signin.createToken({ user: user.id, team, name: flags.name ?? "command line", scope, by: operator });
      });
      print({ token: made.token }, made.token);
    },
  },
];

function oneOf(name: string, value: string | undefined, allowed: readonly string[]): string {
  if (value !== undefined && allowed.includes(value)) return value;
  throw new Problem("CONFIG_INVALID", { values: { name: `--${name}`, value: value ?? "missing", allowed: allowed.join(", ") } });
}
