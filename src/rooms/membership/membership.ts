import type { Actor } from "#src/access/access.ts";
import { inPerson } from "#src/access/person.ts";
import { composeLetter } from "#src/base/letter.ts";
import type { Mail } from "#src/base/mail.ts";
import type { Postgres } from "#src/base/postgres/postgres.ts";
import type { Doer } from "#src/rooms/audit/audit.ts";
import type { Signin } from "#src/rooms/signin/signin.ts";
import type { Teams, UserRow } from "#src/rooms/teams/teams.ts";
import { membershipWords } from "./words.ts";

/** What people do with their own place in a team. Each returns the new cookie of the session that did it. */
export interface Membership {
  /** Throws LAST_OWNER. */
  leave(options: { team: string; actor: Actor | null; by: Doer }): Promise<{ cookie: string }>;
  /** Throws OWNER_CHANGE_REFUSED. Both are told by mail. */
  handOver(options: { team: string; to: string; actor: Actor | null; by: Doer }): Promise<{ cookie: string }>;
}

interface Parts {
  postgres: Postgres;
  teams: Teams;
  signin: Pick<Signin, "standing">;
  mail: Mail;
}

export function createMembership({ postgres, teams, signin, mail }: Parts): Membership {
  const tell = (user: UserRow, kind: "given" | "taken", about: { team: string; other: string }): Promise<void> => {
    const words = membershipWords[user.language];
    const { subject, text } = words[kind];
    return mail.send({ to: user.email, ...composeLetter({ language: user.language, subject: subject(about.team), lines: [words.hello(user.name), text(about.team, about.other), words.unknown] }) });
  };
  return {
    async leave({ team, actor, by }) {
      const { user, id: session } = inPerson(actor);
      return await postgres.transaction({ teams: [team], user }, async (tx) => {
        // An owner may go where another one stays.
        await teams.removeMemberIn(tx, { team, user, by, mayMakeOwners: true, session });
        return { cookie: await signin.standing.renew(tx, { user, session, endOthers: false, by }) };
      });
    },
    async handOver({ team, to, actor, by }) {
      const { user: from, id: session } = inPerson(actor);
      const done = await postgres.transaction({ teams: [team], user: from }, async (tx) => {
        await teams.transferIn(tx, { team, from, to, by, session });
        const cookie = await signin.standing.renew(tx, { user: from, session, endOthers: false, by });
        return { cookie, name: (await teams.getTeamIn(tx, team)).name, giver: await teams.findUser(tx, from), taker: await teams.findUser(tx, to) };
      });
      const { giver, taker, name } = done;
      if (giver && taker) {
        await tell(giver, "given", { team: name, other: taker.name });
        await tell(taker, "taken", { team: name, other: giver.name });
      }
      return { cookie: done.cookie };
    },
  };
}
