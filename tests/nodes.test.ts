/* What must hold on every node at once: two server processes on one PostgreSQL and one store. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { after, before, describe, it } from "node:test";
import { generateSync } from "otplib";
import { createAuthenticator } from "#promises/checks/authenticator.ts";
import { sql } from "kysely";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import type { EmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { operator } from "#src/commands/command.ts";
import { idpMetadata } from "#src/rooms/saml/testing.ts";
import { callServer, startTestServer } from "./server.ts";
import type { Answered, CallOptions, TestServer } from "./server.ts";

const promisedMs = 5_000;

interface Node {
  port: number;
  ca: Buffer;
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
}

describe("two nodes", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "kliv-nodes-"));
  let given: EmbeddedPostgres;
  let first: TestServer;
  let child: ChildProcess;
  let nodes: Node[];
  const nodeOf = (port: number, ca: Buffer): Node => ({ port, ca, call: (method, path, options = {}) => callServer({ port, ca, method, path, ...options }) });
  before(async () => {
    given = await startEmbeddedPostgres({ home: folder });
    const variables = { DATABASE_URL: given.ownerUrl, KLIV_BLOBS: `dir:${join(folder, "blobs")}` };
    first = await startTestServer(variables);
    child = fork(join(import.meta.dirname, "node.ts"), [JSON.stringify(variables)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const ready = once(child, "message") as Promise<[{ port: number; ca: string }]>;
    const [{ port, ca }] = await Promise.race([ready, once(child, "exit").then(() => assert.fail("the second node did not start"))]);
    nodes = [nodeOf(first.config.port, first.ca), nodeOf(port, Buffer.from(ca))];
  });
  after(async () => {
    const gone = once(child, "exit");
    child.send({ stop: true });
    await gone;
    await first.stop();
    await given.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const move = async (byMs: number): Promise<void> => {
    first.clock.move(byMs);
    child.send({ move: byMs });
    await once(child, "message");
  };

  it("LOGIN-5: of 200 guesses at once on both, at most five are looked at, for an account that exists and for one that does not", async () => {
    const { email } = await first.makeTeam("guessed");
    await first.makeSession(email);
    for (const name of [email, "nobody@example.com"]) {
      const guess = (node: Node, password: string): Promise<Answered> => node.call("POST", "/api/v1/sessions", { body: { email: name, password } });
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => guess(nodes[i % 2]!, `guess ${i}`)));
      const counts = { looked: answers.filter(({ status }) => status === 401).length, locked: answers.filter(({ status }) => status === 429).length };
      assert.deepEqual(counts, { looked: 5, locked: 195 }, name);
      assert.ok(answers.filter(({ status }) => status === 429).every(({ headers }) => headers["retry-after"] === "30"));
    }
    const right = { body: { email, password: `of ${email} for one test` } };
    const tries = async (): Promise<number[]> => (await Promise.all(nodes.map((node) => node.call("POST", "/api/v1/sessions", right)))).map(({ status }) => status);
    await move(29_900);
    assert.deepEqual(await tries(), [429, 429], "after 29.9 seconds, the right password too");
    await move(200);
    assert.deepEqual(await tries(), [201, 201], "after 30.1 seconds");
  });

  it("second factors: codes are one count and work once on both, a passkey is asked for by one and answered to the other, a team closes on both", async () => {
    const { email, team } = await first.makeTeam("factors");
    const [one, two] = nodes as [Node, Node];
    const old = await first.makeSession(email);
    const cookieIn = ({ headers }: Answered, name: string): string => [headers["set-cookie"] ?? []].flat().map((each) => each.split(";")[0]!).find((pair) => pair.startsWith(`${name}=`)) ?? "";
    const { secret } = (await one.call("POST", "/api/v1/me/factors/totp/setup", { cookie: old, body: {} })).json as { secret: string };
    const code = (): string => generateSync({ secret, epoch: first.clock.now() / 1_000 });
    const bare = cookieIn(await two.call("POST", "/api/v1/sessions", { body: { email, password: `of ${email} for one test` } }), "__Host-kliv");
    const added = await two.call("POST", "/api/v1/me/factors/totp", { cookie: old, body: { code: code() } });
    assert.equal(added.status, 201, "begun on one node, confirmed on the other");
    const cookie = cookieIn(added, "__Host-kliv");
    await move(30_000);
    const firstStep = async (node: Node): Promise<string> => cookieIn(await node.call("POST", "/api/v1/sessions", { body: { email, password: `of ${email} for one test` } }), "__Host-kliv-second");
    const show = (node: Node, step: string, shown: string): Promise<Answered> => node.call("POST", "/api/v1/sessions/second-factor", { cookie: step, body: { kind: "totp", code: shown } });
    const steps = [await firstStep(one), await firstStep(two)];
    const used = await Promise.all([show(two, steps[0]!, code()), show(one, steps[1]!, code())]);
    assert.deepEqual(used.map(({ status }) => status).sort(), [201, 401], "one code, on both at once");
    const step = await firstStep(one);
    // Never a code, so that none is right by chance.
    const guesses = await Promise.all(Array.from({ length: 60 }, (_, i) => show(nodes[i % 2]!, step, "00000000")));
    assert.ok(guesses.filter(({ status }) => status === 401).length <= 5);
    assert.ok(guesses.every(({ status }) => status === 401 || status === 429));
    const key = createAuthenticator(first.config.origin);
    const { options } = (await two.call("POST", "/api/v1/me/factors/passkeys/options", { cookie, body: {} })).json;
    const named = await one.call("POST", "/api/v1/me/factors/passkeys", { cookie, body: { name: "key", response: key.create(options) } });
    assert.equal(named.status, 201);
    assert.equal((await two.call("GET", "/api/v1/me", { cookie })).status, 401, "the session has another secret since");
    assert.equal((await one.call("GET", `/api/v1/teams/${team}`, { cookie: bare })).status, 200);
    assert.equal((await two.call("PATCH", `/api/v1/teams/${team}`, { cookie: cookieIn(named, "__Host-kliv"), body: { factorRequired: true } })).status, 200);
    let closed = 200;
    const startedMs = performance.now();
    while (closed !== 403 && performance.now() - startedMs < promisedMs) closed = (await one.call("GET", `/api/v1/teams/${team}`, { cookie: bare })).status;
    assert.equal(closed, 403);
  });

  /** A response that has begun. `ended` resolves once it is over, to whether the server broke it off. */
  const open = async (node: Node, path: string, headers: Record<string, string>): Promise<{ ended: Promise<boolean>; read(): void }> => {
    const sent = request({ host: "localhost", servername: "localhost", port: node.port, ca: node.ca, path, headers, agent: false });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    assert.equal(response.statusCode, 200, path);
    response.on("error", () => {});
    sent.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<boolean>();
    response.on("close", () => resolve(!response.complete));
    return { ended: promise, read: () => void response.resume() };
  };

  /** An upload that has begun and goes on. `ended` resolves to whether the server broke it off. */
  const startUpload = async (node: Node, path: string, headers: Record<string, string>): Promise<{ ended: Promise<boolean>; read(): void }> => {
    const sent = request({ host: "localhost", servername: "localhost", port: node.port, ca: node.ca, path, method: "POST", headers: { ...headers, "x-filename": "slow.csv", "content-length": "1000000" }, agent: false });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    sent.on("error", () => resolve(true));
    sent.on("response", () => resolve(false));
    sent.on("continue", () => {});
    await new Promise((written) => sent.write("a,b\n1,2\n", written));
    return { ended: promise, read: () => {} };
  };

  it("whom a directory makes inactive is out on every node within five seconds, and asked for there at once", async (t) => {
    const { saml, scim } = first.running.app.rooms;
    const { team } = await first.makeTeam("directory");
    await first.running.app.postgres.transaction({ operator: true }, (tx) => sql`update teams set plan = 'enterprise' where id = ${team}`.execute(tx));
    const { id: connection } = (await saml.connections.create({ team, settings: { metadata: await idpMetadata() }, by: operator })).row;
    await saml.domains.add({ team, domain: "corp.example", by: operator });
    await saml.domains.verify({ team, domain: "corp.example", isByOperator: true, by: operator });
    const { token: directory } = await scim.createToken({ team, connection, by: operator });
    const ask = (node: Node, method: string, path: string, body: unknown) =>
      node.call(method, `/scim/v2/${connection}${path}`, { token: directory, body: Buffer.from(JSON.stringify(body)), headers: { "content-type": "application/scim+json" } });
    const { id } = (await ask(nodes[1]!, "POST", "/Users", { userName: "leaver@corp.example" })).json;
    const token = await first.makeToken({ user: id, team, scope: "all" });
    const cookie = await first.makeSession("leaver@corp.example");
    const statuses = async (): Promise<number[]> => await Promise.all(nodes.flatMap((node) => [{ token }, { cookie }].map(async (as) => (await node.call("GET", "/api/v1/me", as)).status)));
    assert.deepEqual(await statuses(), [200, 200, 200, 200]);
    const startedMs = performance.now();
    assert.equal((await ask(nodes[1]!, "PATCH", `/Users/${id}`, { Operations: [{ op: "replace", path: "active", value: false }] })).status, 200);
    let seen = await statuses();
    assert.deepEqual(seen.slice(2), [401, 401], "the node that was told");
    while (seen.some((status) => status !== 401) && performance.now() - startedMs < promisedMs) seen = await statuses();
    assert.deepEqual(seen, [401, 401, 401, 401]);
    t.diagnostic(`out on both nodes after ${Math.round(performance.now() - startedMs)} ms`);
  });

  it("ACCESS-5: all that a removed person has ends everywhere within five seconds: sessions, tokens, downloads, uploads, streams", async (t) => {
    const { teams, jobs, databases } = first.running.app.rooms;
    const { postgres } = first.running.app;
    const mine = await first.makeTeam("owner");
    const member = await first.makeTeam("member");
    await teams.addMember({ team: mine.team, email: member.email, role: "editor", by: operator, mayMakeOwners: false });
    const token = await first.makeToken({ user: member.user, team: mine.team, scope: "all" });
    const cookie = await first.makeSession(member.email);
    // Larger than what two sockets hold between them, so that a download of it stays open.
    const rows = Array.from({ length: 160_000 }, (_, i) => `${i},${"x".repeat(100)}${(i * 7_919) % 100_003}`).join("\n");
    const made = await first.api("POST", `/api/v1/teams/${mine.team}/databases?name=large`, { token: mine.token, body: Buffer.from(`a,b\n${rows}\n`), headers: { "x-filename": "large.csv" } });
    assert.equal(made.status, 201);
    // A job that nobody works on is one that goes on.
    await postgres.transaction({ teams: [mine.team] }, (tx) => jobs.create(tx, { id: "job_waits", team: mine.team, user: member.user, kind: "import", input: {} }));
    const bearer = { authorization: `Bearer ${token}` };
    const underWay = await Promise.all(nodes.flatMap((node) => [
      open(node, "/api/v1/jobs/job_waits", { ...bearer, accept: "text/event-stream" }),
      open(node, "/api/v1/jobs/job_waits", { cookie, accept: "text/event-stream" }),
      open(node, `/api/v1/databases/${made.json.id}/download`, bearer),
      startUpload(node, `/api/v1/teams/${mine.team}/databases?name=slow`, bearer),
    ]));
    const asks: [Node, CallOptions][] = nodes.flatMap((node) => [{ token }, { cookie }].map((as): [Node, CallOptions] => [node, as]));
    const statuses = (): Promise<number[]> => Promise.all(asks.map(async ([node, as]) => (await node.call("GET", `/api/v1/databases/${made.json.id}`, as)).status));
    assert.deepEqual(await statuses(), [200, 200, 200, 200]);

    const startedMs = performance.now();
    await teams.removeMember({ team: mine.team, user: member.user, by: operator, mayMakeOwners: false });
    // The node that did it knows at once, the other one as soon as it is told.
    let seen = await statuses();
    assert.deepEqual(seen.slice(0, 2), [401, 401]);
    while (seen.some((status) => status !== 401) && performance.now() - startedMs < promisedMs) seen = await statuses();
    assert.deepEqual(seen, [401, 401, 401, 401], "tokens and sessions");
    underWay.forEach(({ read }) => read());
    assert.deepEqual(await Promise.all(underWay.map(({ ended }) => ended)), underWay.map(() => true), "each was broken off");
    // The one time that is asserted: it is what is promised.
    const tookMs = performance.now() - startedMs;
    t.diagnostic(`${underWay.length} requests under way on two nodes ended after ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < promisedMs, `${Math.round(tookMs)} ms`);
    assert.equal((await databases.list({ team: mine.team, limit: 10 })).length, 1, "nothing of the upload is there");
    await postgres.transaction({ teams: [mine.team] }, (tx) => jobs.finish(tx, "job_waits", {}));
  });
});
