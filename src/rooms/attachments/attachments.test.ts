import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { openBlobs } from "#src/base/blobs/blobs.ts";
import { operator } from "#src/commands/command.ts";
import { homeKey } from "#src/base/secrets.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { Answered, TestServer } from "../../../tests/server.ts";
import { pdf, photo, png } from "./testing.ts";

describe("attachments", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  const send = (body: Buffer, name: string, { team = mine.team, token = mine.token } = {}): Promise<Answered> =>
    kliv.api("POST", `/api/v1/teams/${team}/attachments`, { token, body, headers: { "x-filename": encodeURIComponent(name), "content-type": "application/octet-stream" } });
  const attach = async (body: Buffer, name: string): Promise<string> => {
    const made = await send(body, name);
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const call = (method: string, path: string, options = {}): Promise<Answered> => kliv.api(method, `/api/v1${path}`, { token: mine.token, ...options });
  const definition = (...ids: string[]) => ({
    schema: 1, title: "Pictures", language: "en", parameters: [],
    blocks: ids.map((attachment, i) => ({ id: `i${i}`, kind: "image", layout: { x: 0, y: i * 4, w: 6, h: 4 }, alt: `Number ${i}`, attachment })),
  });
  const report = async (...ids: string[]): Promise<string> => {
    const made = await call("POST", `/teams/${mine.team}/reports`, { body: definition(...ids) });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const publish = async (id: string): Promise<string> => {
    const { status, json, bytes } = await call("POST", `/reports/${id}/publication`, { body: { visibility: "public" } });
    assert.equal(status, 200, bytes.toString());
    return json.slug;
  };
  const problem = ({ status, json }: Answered): unknown => [status, json?.code];

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("pictures");
  });
  after(() => kliv.stop());

  it("are decoded in the sandbox and served in a way that runs nothing", async () => {
    const made = await send(await photo(), "東京 駅.JPG");
    assert.equal(made.status, 201, made.bytes.toString());
    const { id, name, format, width, height, notes, sha256, sizeBytes } = made.json;
    assert.deepEqual([name, format, width, height, notes], ["東京 駅.JPG", "jpeg", 200, 400, [{ code: "metadata" }]]);
    const content = await call("GET", `/attachments/${id}/content`);
    const { headers } = content;
    assert.deepEqual([content.status, headers["content-type"], content.bytes.length, headers["etag"], content.bytes.includes("canary-person")], [200, "image/jpeg", sizeBytes, `"${sha256}"`, false]);
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*sandbox/);
    assert.deepEqual([headers["x-content-type-options"], headers["cross-origin-resource-policy"]], ["nosniff", "same-origin"]);
    assert.match(String(headers["content-disposition"]), /^inline; .*filename\*=UTF-8''%E6%9D%B1/);
    assert.equal((await call("GET", `/attachments/${id}/content`, { headers: { "if-none-match": `"${sha256}"` } })).status, 304);
    const drawing = await attach(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(1)</script><rect width="9" height="9"/></svg>'), "a.svg");
    const svg = await call("GET", `/attachments/${drawing}/content`);
    assert.deepEqual([svg.headers["content-type"], /script|onload/.test(svg.bytes.toString())], ["image/svg+xml", false]);
    const paper = await attach(pdf({ pages: 2 }), "paper.pdf");
    const file = await call("GET", `/attachments/${paper}/content`);
    assert.deepEqual([file.headers["content-type"], String(file.headers["content-disposition"]).split(";")[0], (await call("GET", `/attachments/${paper}`)).json.pages], ["application/pdf", "attachment", 2]);
  });

  it("are refused with what is wrong, and nothing is kept", async () => {
    const count = async (): Promise<number> => (await call("GET", `/teams/${mine.team}/attachments?limit=200`)).json.items.length;
    const before = await count();
    const picture = await png();
    const wrong: [Buffer, string, unknown][] = [
      [Buffer.from("city,people\n"), "a.png", [415, "ATTACHMENT_FORMAT"]], [picture.subarray(0, -20), "cut.png", [422, "ATTACHMENT_DAMAGED"]],
      [Buffer.alloc(0), "empty.png", [422, "FILE_EMPTY"]], [Buffer.alloc(21 * 1024 ** 2), "long.png", [413, "FILE_TOO_LARGE"]],
      [pdf({ extra: "/OpenAction<</S/JavaScript/JS(1)>>" }), "live.pdf", [422, "ATTACHMENT_ACTIVE"]],
    ];
    for (const [body, name, expected] of wrong) {
      const refused = await send(body, name);
      assert.deepEqual(problem(refused), expected, name);
      assert.equal(refused.json.file, name);
      assert.match(refused.json.detail, name === "long.png" ? /20|MB|bytes/ : /./);
    }
    assert.equal(await count(), before);
  });

  it("wait for nobody who sends slowly", async () => {
    const end = Promise.withResolvers<void>();
    const bytes = await png({ width: 11 });
    const slow = Array.from({ length: 3 }, () => kliv.running.app.rooms.attachments.create({
      team: mine.team, name: "slow.png", by: operator, input: (async function* () { yield bytes.subarray(0, 20); await end.promise; yield bytes.subarray(20); })(),
    }));
    await attach(await png({ width: 12 }), "quick.png");
    end.resolve();
    assert.deepEqual((await Promise.all(slow)).map(({ width }) => width), [11, 11, 11]);
  });

  it("belong to a team: nobody else's reports, downloads and lists have them", async () => {
    const id = await attach(await png(), "mine.png");
    const other = await kliv.makeTeam("elsewhere");
    for (const path of [`/attachments/${id}`, `/attachments/${id}/content`]) assert.deepEqual(problem(await call("GET", path, { token: other.token })), [404, "NOT_FOUND"]);
    assert.deepEqual(problem(await call("DELETE", `/attachments/${id}`, { token: other.token })), [404, "NOT_FOUND"]);
    assert.deepEqual(problem(await call("POST", `/teams/${other.team}/reports`, { token: other.token, body: definition(id) })), [422, "REPORT_INVALID"]);
    assert.deepEqual(problem(await send(await png(), "x.png", { token: other.token })), [404, "NOT_FOUND"]);
    const both = { ...definition(id).blocks[0], picture: "data:image/png;base64,aaaa" };
    assert.deepEqual(problem(await call("POST", `/teams/${mine.team}/reports`, { body: { ...definition(), blocks: [both] } })), [422, "REPORT_INVALID"]);
  });

  it("are shown by what is published, and by nothing else, until it is withdrawn", async () => {
    const [shown, paper, hidden] = [await attach(await png(), "shown.png"), await attach(pdf(), "paper.pdf"), await attach(await png({ width: 20 }), "hidden.png")];
    const id = await report(shown, paper);
    const slug = await publish(id);
    const page = (await kliv.api("GET", `/r/${slug}`)).bytes.toString();
    assert.match(page, new RegExp(`<img src="/r/${slug}/attachments/${shown}" alt="Number 0" width="64" height="48">`));
    assert.match(page, new RegExp(`<a href="/r/${slug}/attachments/${paper}" download>paper.pdf</a>.*1 page`));
    const open = await kliv.api("GET", `/r/${slug}/attachments/${shown}`);
    assert.deepEqual([open.status, open.headers["content-type"], /sandbox/.test(String(open.headers["content-security-policy"]))], [200, "image/png", true]);
    for (const one of [hidden, "att_none", "constructor", "__proto__"]) assert.equal((await kliv.api("GET", `/r/${slug}/attachments/${one}`)).status, 404, one);
    assert.deepEqual(problem(await call("DELETE", `/attachments/${shown}`)), [409, "ATTACHMENT_IN_USE"]);
    // What is published stays whole while the report goes on without it.
    assert.equal((await call("PUT", `/reports/${id}`, { body: definition(paper) })).status, 200);
    assert.deepEqual(problem(await call("DELETE", `/attachments/${shown}`)), [409, "ATTACHMENT_IN_USE"]);
    assert.equal((await call("DELETE", `/reports/${id}/publication`)).status, 204);
    assert.equal((await kliv.api("GET", `/r/${slug}/attachments/${shown}`)).status, 404);
    assert.equal((await call("DELETE", `/attachments/${shown}`)).status, 204);
    assert.equal((await call("GET", `/attachments/${shown}`)).status, 404);
  });

  it("are drawn in a report's picture", async () => {
    const [with_, without] = [await report(await attach(await png({ alpha: 1 }), "blue.png")), await report()];
    const [one, other] = await Promise.all([with_, without].map((id) => call("GET", `/reports/${id}/screenshot.png?width=600`)));
    assert.deepEqual([one!.status, other!.status], [200, 200]);
    const blue = async (picture: Buffer): Promise<number> => {
      const { data } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      let count = 0;
      for (let i = 0; i < data.length; i += 3) if (Math.abs(data[i + 1]! - 114) < 12 && Math.abs(data[i + 2]! - 178) < 12 && data[i]! < 20) count++;
      return count;
    };
    assert.ok((await blue(one!.bytes)) > 1_000 && (await blue(other!.bytes)) === 0);
  });

  it("go along with an export, and wait for their bytes where the importer has none", async () => {
    const from = await kliv.makeTeam("leaving");
    const kept = mine;
    mine = from;
    try {
      const bytes = await png({ width: 33 });
      const slug = await publish(await report(await attach(bytes, "moved.png")));
      const file = (await call("GET", `/teams/${from.team}/export`)).json;
      assert.deepEqual([file.attachments.length, file.attachments[0].name], [1, "moved.png"]);
      const stranger = await kliv.makeTeam("arriving");
      const token = stranger.token;
      const imported = await kliv.api("POST", `/api/v1/teams/${stranger.team}/import`, { token, body: file });
      assert.deepEqual([imported.status, imported.json.waiting], [201, 1], imported.bytes.toString());
      const again = (await kliv.api("GET", `/api/v1/teams/${stranger.team}/export`, { token })).json;
      assert.deepEqual({ ...again, team: null, users: null }, { ...file, team: null, users: null });
      const [{ id: place }] = (await kliv.api("GET", `/api/v1/teams/${stranger.team}/attachments`, { token })).json.items;
      assert.deepEqual(problem(await kliv.api("GET", `/api/v1/attachments/${place}/content`, { token })), [409, "ATTACHMENT_CONTENTS_MISSING"]);
      const [{ publication }] = (await kliv.api("GET", `/api/v1/teams/${stranger.team}/reports`, { token })).json.items;
      assert.notEqual(publication.slug, slug);
      assert.equal((await kliv.api("GET", `/r/${publication.slug}/attachments/${place}`)).status, 409);
      const filled = await send(bytes, "moved.png", { team: stranger.team, token });
      assert.deepEqual([filled.status, filled.json.id], [201, place]);
      assert.equal((await kliv.api("GET", `/r/${publication.slug}/attachments/${place}`)).status, 200);
    } finally {
      mine = kept;
    }
  });

  it("leave no objects behind: what nothing points to is swept, and nothing else", async () => {
    const { config } = kliv;
    const blobs = await openBlobs({ url: config.blobsUrl, key: homeKey(config.home, "blobs"), environment: config.environment });
    const id = await attach(await png({ width: 21 }), "kept.png");
    const orphan = `attachments/${mine.team}/att_orphan`;
    await blobs.put(orphan, Readable.from([Buffer.from("left by a kill")]));
    await kliv.running.app.rooms.attachments.sweep();
    assert.ok(await blobs.head(orphan), "it may be on its way");
    // Objects have the time of the machine.
    kliv.clock.move(Date.now() - kliv.clock.now() + 25 * 3_600_000);
    await kliv.running.app.rooms.attachments.sweep();
    assert.equal(await blobs.head(orphan), null);
    assert.equal((await call("GET", `/attachments/${id}/content`)).status, 200);
  });
});
