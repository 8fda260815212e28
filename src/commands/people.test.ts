import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { peopleCommands } from "./people.ts";

describe("kliv team plan", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const plan = async (flags: Record<string, string>): Promise<unknown> => {
    let printed: unknown = null;
    const command = peopleCommands.find(({ noun, verb }) => noun === "team" && verb === "plan") ?? assert.fail("no such command");
    await command.run({ config: kliv.config, flags, words: [], print: (result) => void (printed = result) });
    return printed;
  };

  it("puts a team on another plan beside the running server, as an event of the team's", async () => {
    const { team, token } = await kliv.makeTeam("plan");
    assert.deepEqual(await plan({ team, plan: "enterprise" }), { id: team, plan: "enterprise" });
    assert.equal((await kliv.api("GET", `/api/v1/teams/${team}`, { token })).json.plan, "enterprise");
    await plan({ team, plan: "enterprise" });
    const { items } = (await kliv.api("GET", `/api/v1/teams/${team}/audit-events?action=team:update`, { token })).json;
    assert.deepEqual(items.map((one: { actor: { kind: string }; facts: object }) => [one.actor.kind, one.facts]), [["operator", { plan: "enterprise", before: "free" }]]);
    await assert.rejects(plan({ team: "team_none", plan: "free" }), { code: "TEAM_NOT_FOUND" });
    await assert.rejects(plan({ team, plan: "gold" }), { code: "CONFIG_INVALID" });
  });
});
