import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { operator } from "#src/commands/command.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

/** Acceptances and a team's own agreements leave with the team, and come back as history. */
describe("agreements in a team's export", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("mine");
    await kliv.makeSession(mine.email);
    const colleague = await kliv.makeTeam("colleague");
    await kliv.makeSession(colleague.email);
    const { teams, agreements } = kliv.running.app.rooms;
    await teams.addMember({ team: mine.team, email: colleague.email, role: "viewer", by: operator, mayMakeOwners: true });
    for (const title of ["Second & <last>", "最初の契約"]) {
      kliv.clock.move(1_000);
      await agreements.note({ team: mine.team, title, reference: "MSA-17", agreedOn: "2026-02-28", by: operator });
    }
  });
  after(() => kliv.stop());

  const exportOf = async ({ team, token }: { team: string; token: string }) => {
    const answered = await kliv.api("GET", `/api/v1/teams/${team}/export`, { token });
    assert.equal(answered.status, 200);
    return answered;
  };
  const importInto = ({ team, token }: { team: string; token: string }, workspace: unknown) => kliv.api("POST", `/api/v1/teams/${team}/import`, { token, body: workspace });
  const accepted = (email: string, kind: string) => ({ email, kind, version: 1, method: "sign-up", language: "en" });

  it("says who accepted what, when and of which text, in a stable order, and no network address", async () => {
    const { json, bytes } = await exportOf(mine);
    const rows = json.agreements.accepted as { acceptedAt: string; sha256: string }[];
    assert.deepEqual(rows.map(({ acceptedAt, sha256, ...row }) => (acceptedAt && sha256 ? row : null)), ["colleague@example.com", "mine@example.com"].flatMap((email) => [accepted(email, "privacy"), accepted(email, "terms")]));
    const { items } = (await kliv.api("GET", "/api/v1/agreements")).json;
    for (const row of rows) assert.ok(items.some((one: { sha256: string }) => one.sha256 === row.sha256));
    assert.deepEqual(json.agreements.noted.map(({ title, reference, agreedOn }: any) => [title, reference, agreedOn]), [["Second & <last>", "MSA-17", "2026-02-28"], ["最初の契約", "MSA-17", "2026-02-28"]]);
    assert.ok(!JSON.stringify(json.agreements).includes("127.0.0.1"));
    assert.ok(bytes.equals((await exportOf(mine)).bytes));
  });

  it("comes through an import into an empty team unchanged, and an import of that again", async () => {
    const first = (await exportOf(mine)).json;
    for (const name of ["copy", "copy-of-copy"]) {
      const target = await kliv.makeTeam(name);
      const imported = await importInto(target, first);
      assert.equal(imported.status, 201, imported.bytes.toString());
      const { agreements, users } = (await exportOf({ ...target, token: await kliv.makeToken({ user: mine.user, team: target.team, scope: "all" }) })).json;
      assert.deepEqual(agreements.noted, first.agreements.noted);
      // The importer is a member too, and has accepted nothing.
      assert.equal(users.length, first.users.length + 1);
      assert.deepEqual(agreements.accepted, first.agreements.accepted);
    }
  });

  it("from another installation it is history: the person is asked for this operator's documents", async () => {
    const workspace = (await exportOf(mine)).json;
    const email = "from.elsewhere@example.com";
    workspace.users.push({ ...workspace.users[0], email, userName: "elsewhere", name: "Elsewhere", role: "owner" });
    workspace.agreements.accepted = [{ ...workspace.agreements.accepted[0], email, sha256: "0".repeat(64), version: 40 }];
    const target = await kliv.makeTeam("target");
    assert.equal((await importInto(target, workspace)).status, 201);
    const cookie = await kliv.makeSession(email, { agrees: false });
    assert.equal((await kliv.api("GET", "/api/v1/me", { cookie })).json.agreements.pending.length, 2);
    assert.deepEqual((await kliv.api("GET", "/api/v1/me/agreements", { cookie })).json.items, []);
    const again = (await exportOf(target)).json.agreements;
    assert.ok(again.accepted.some((row: { version: number; email: string }) => row.version === 40 && row.email === email));
    const shown = (await kliv.api("GET", `/api/v1/teams/${target.team}/agreements`, { token: target.token })).json.items;
    assert.deepEqual(shown.map((one: { imported: boolean }) => one.imported), [true, true], "not as if this operator had noted it");
  });

  it("an export of before there were agreements is imported as before", async () => {
    const { agreements: _, ...old } = (await exportOf(mine)).json;
    const target = await kliv.makeTeam("old");
    assert.equal((await importInto(target, old)).status, 201);
    assert.deepEqual((await exportOf(target)).json.agreements.noted, []);
  });

  it("what is no export is refused, and leaves nothing", async () => {
    const workspace = (await exportOf(mine)).json;
    const [row] = workspace.agreements.accepted;
    const [noted] = workspace.agreements.noted;
    const target = await kliv.makeTeam("hostile");
    const wrong = [
      { accepted: [{ ...row, version: 0 }], noted: [] }, { accepted: [{ ...row, sha256: "x" }], noted: [] }, { accepted: [{ ...row, method: "forged" }], noted: [] },
      { accepted: [{ ...row, acceptedAt: "yesterday" }], noted: [] }, { accepted: [{ ...row, acceptedAt: "2026-12-31T23:59:60Z" }], noted: [] }, { accepted: [{ ...row, email: "a\0b" }], noted: [] },
      { accepted: [{ ...row, address: "127.0.0.1" }], noted: [] }, { accepted: [], noted: [{ ...noted, agreedOn: "2026-02-30" }] }, { accepted: [], noted: [{ ...noted, title: "" }] },
      { accepted: [], noted: [{ ...noted, title: "a\0b" }] }, { accepted: [], noted: [{ ...noted, title: "a".repeat(5_000) }] }, { accepted: [] }, [], "all",
    ];
    for (const agreements of wrong) {
      const answered = await importInto(target, { ...workspace, agreements });
      assert.ok([400, 422].includes(answered.status), `${JSON.stringify(agreements).slice(0, 200)}: ${answered.status} ${answered.bytes.toString().slice(0, 200)}`);
    }
    assert.deepEqual((await exportOf(target)).json.agreements, { accepted: [], noted: [] });
    const many = Array.from({ length: 2_500 }, (_, at) => ({ ...row, version: at + 1 }));
    assert.equal((await importInto(target, { ...workspace, agreements: { accepted: [...many, many[7]], noted: [] } })).status, 201);
    assert.equal((await exportOf(target)).json.agreements.accepted.filter((one: { email: string; kind: string }) => one.email === row.email && one.kind === row.kind).length, 2_500);
  });
});
