import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";

const hostile = `<script>alert(1)</script>"'&`;

describe("the gallery", () => {
  let kliv: TestServer;
  let mine: Awaited<ReturnType<TestServer["makeTeam"]>>;
  let database: string;
  const definition = (title: string, more: Record<string, unknown> = {}) => ({
    schema: 1, title, description: `About ${title}`, language: "en", tags: ["figures"],
    parameters: [
      { name: "city", type: "choice", options: { database, sql: "select city from cities order by 1" } },
      { name: "least", type: "number", default: 0 },
    ],
    blocks: [
      { id: "f", kind: "filter", layout: { x: 0, y: 0, w: 3, h: 2 }, parameter: "city" },
      { id: "l", kind: "filter", layout: { x: 3, y: 0, w: 3, h: 2 }, parameter: "least", title: "At least" },
      { id: "c", kind: "chart", title: "People", layout: { x: 0, y: 2, w: 12, h: 6 }, database, sql: "select * from cities where (:city is null or city = :city) and people >= :least", chart: { mark: "bar", encoding: { x: { field: "city", type: "nominal" }, y: { field: "people", type: "quantitative" } } } },
      { id: "n", kind: "number", layout: { x: 6, y: 0, w: 3, h: 2 }, database, sql: "select sum(people) from cities" },
    ],
    ...more,
  });
  const make = async (body: unknown): Promise<string> => {
    const made = await kliv.api("POST", `/api/v1/teams/${mine.team}/reports`, { token: mine.token, body });
    assert.equal(made.status, 201, made.bytes.toString());
    return made.json.id;
  };
  const publish = async (id: string, visibility = "public"): Promise<{ slug: string; url: string; version: number }> => {
    const published = await kliv.api("POST", `/api/v1/reports/${id}/publication`, { token: mine.token, body: { visibility } });
    assert.equal(published.status, 200, published.bytes.toString());
    return published.json;
  };
  const titles = async (search = ""): Promise<string[]> => (await kliv.api("GET", `/api/v1/gallery${search}`)).json.items.map((one: { title: string }) => one.title);
  const page = async (slug: string, search = "", options = {}) => {
    const { status, headers, bytes } = await kliv.api("GET", `/r/${slug}${search}`, options);
    return { status, headers, html: bytes.toString() };
  };
  const upload = (csv: string, path: string, method = "POST") => kliv.api(method, path, { token: mine.token, body: Buffer.from(csv), headers: { "x-filename": "cities.csv" } });

  before(async () => {
    kliv = await startTestServer();
    mine = await kliv.makeTeam("gallery");
    database = (await upload("city,people\nTokyo,14\nOsaka,9\n", `/api/v1/teams/${mine.team}/databases?name=cities`)).json.id;
  });
  after(() => kliv.stop());

  it("draws what nobody chose before only so often for one address; what is drawn already it shows", async () => {
    const { slug } = await publish(await make(definition("Choices")));
    assert.equal((await page(slug, "?least=1")).status, 200);
    const { rates } = kliv.running.app;
    for (const route of ["chosen pages", "chosen charts"]) {
      assert.throws(() => {
        for (let calls = 0; calls < 20_000; calls++) rates.hold({ route, address: "127.0.0.1", perHourMax: route === "chosen pages" ? 1_000 : 10_000 });
      }, { code: "RATE_LIMITED" });
    }
    const refused = await page(slug, "?least=2");
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers["retry-after"]) > 0);
    assert.equal((await kliv.api("GET", `/r/${slug}/charts/c?least=2`)).status, 429);
    for (const search of ["", "?least=1", "?unknown=2"]) assert.equal((await page(slug, search)).status, 200, search);
    assert.equal((await kliv.api("GET", `/r/${slug}/charts/c`)).status, 200);
    kliv.clock.move(3_600_000);
    assert.equal((await page(slug, "?least=2")).status, 200);
  });

  it("shows a publication at once, to anyone, complete without scripts, and a withdrawn one no more", async () => {
    const id = await make(definition("At once"));
    assert.deepEqual(await titles("?q=once"), []);
    const { slug, url } = await publish(id);
    assert.equal(url, `${kliv.config.origin}/r/${slug}`);
    assert.deepEqual(await titles("?q=once"), ["At once"]);
    const shown = await page(slug);
    assert.equal(shown.status, 200);
    assert.match(shown.html, /<svg[^>]*class="kliv-chart"[\s\S]*Tokyo/);
    assert.match(shown.html, /kliv-number-value">23</);
    assert.match(shown.html, new RegExp(`<meta property="og:image" content="${url}/picture\\.png`));
    for (const path of [`/r/${slug}/picture.png`, `/r/${slug}/charts/c`]) assert.equal((await kliv.api("GET", path)).status, 200, path);
    assert.equal((await kliv.api("DELETE", `/api/v1/reports/${id}/publication`, { token: mine.token })).status, 204);
    assert.deepEqual(await titles("?q=once"), []);
    for (const path of [`/r/${slug}`, `/r/${slug}/picture.png`, `/r/${slug}/charts/c`]) assert.equal((await kliv.api("GET", path)).status, 404, path);
  });

  it("keeps a page under a policy that allows nothing inline but its own style", async () => {
    const { slug } = await publish(await make(definition("Policy", { background: "#203040" })));
    const { html, headers } = await page(slug);
    const policy = String(headers["content-security-policy"]);
    const style = /<style>([^<]*)<\/style>/.exec(html)?.[1] ?? "";
    assert.ok(policy.includes(`'sha256-${createHash("sha256").update(style).digest("base64")}'`), policy);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(html, / style="| on\w+="|javascript:/);
  });

  it("freezes the report and its data until it is published again", async () => {
    const id = await make(definition("Frozen"));
    const { slug } = await publish(id);
    await upload("city,people\nTokyo,14\nOsaka,9\nNagoya,77\n", `/api/v1/databases/${database}/contents`, "PUT");
    await kliv.api("PUT", `/api/v1/reports/${id}`, { token: mine.token, body: definition("Thawed") });
    const before = await page(slug);
    assert.doesNotMatch(before.html, /Nagoya|Thawed/);
    const again = await publish(id);
    assert.deepEqual([again.slug, again.version], [slug, 2]);
    const now = await page(slug);
    assert.match(now.html, /Thawed/);
    assert.match(now.html, /Nagoya/);
    assert.deepEqual([await titles("?q=frozen"), await titles("?q=thawed")], [[], ["Thawed"]]);
  });

  it("reads filters from the address, and says when a value does not fit", async () => {
    const { slug } = await publish(await make(definition("Filters")));
    const osaka = await page(slug, "?city=Osaka");
    assert.match(osaka.html, /<option value="Osaka" selected>/);
    assert.doesNotMatch(/<svg[^>]*kliv-chart[\s\S]*?<\/svg>/.exec(osaka.html)![0], /Tokyo/);
    const chart = (await kliv.api("GET", `/r/${slug}/charts/c?city=Osaka&least=1`)).json;
    assert.deepEqual(chart.result.rows, [["Osaka", 9]]);
    const wrong = await page(slug, "?least=many&city=Atlantis");
    assert.equal(wrong.status, 200);
    assert.equal(wrong.html.match(/aria-invalid="true"/g)?.length, 2);
    // Another name in the address is nobody's parameter: the same page, not another one to draw and keep.
    assert.equal((await page(slug, "?utm_source=x")).headers["etag"], (await page(slug)).headers["etag"]);
  });

  it("answers who has the page already with nothing but that", async () => {
    const { slug } = await publish(await make(definition("Known")));
    const { headers } = await page(slug);
    const again = await page(slug, "", { headers: { "if-none-match": String(headers["etag"]) } });
    assert.equal(again.status, 304);
    assert.equal(again.headers["content-security-policy"], headers["content-security-policy"]);
  });

  it("shows a link's report to who has the link, a team's to the team, and neither in the gallery", async () => {
    const theirs = await kliv.makeTeam("gallery-theirs");
    const link = await publish(await make(definition("By link")), "link");
    const team = await publish(await make(definition("For us")), "team");
    const shown = await page(link.slug);
    assert.deepEqual([shown.status, shown.headers["x-robots-tag"]], [200, "noindex, nofollow"]);
    assert.equal((await page(team.slug)).status, 404);
    assert.equal((await page(team.slug, "", { token: theirs.token })).status, 404);
    const own = await page(team.slug, "", { token: mine.token });
    assert.deepEqual([own.status, own.headers["cache-control"]], [200, "private, no-store"]);
    assert.equal((await page(team.slug)).status, 404, "also after a member has read it");
    assert.deepEqual([await titles("?q=link"), await titles("?q=us")], [[], []]);
  });

  it("escapes all that people write", async () => {
    const blocks = [{ id: "t", kind: "text", layout: { x: 0, y: 0, w: 6, h: 3 }, title: hostile, description: hostile, markdown: `${hostile} [x](javascript:alert(1)) ![p](https://evil.example/p.png) [ok](https://example.com)` }];
    const { slug } = await publish(await make(definition(hostile, { description: hostile, tags: [hostile], blocks })));
    const { html } = await page(slug);
    assert.doesNotMatch(html, /<script>alert|javascript:alert\(1\)"|<img/);
    assert.match(html, /rel="noopener noreferrer nofollow ugc"/);
    for (const path of ["/gallery", `/gallery?q=${encodeURIComponent(hostile)}&tag=${encodeURIComponent(hostile)}`]) {
      assert.doesNotMatch((await kliv.api("GET", path)).bytes.toString(), /<script>alert/);
    }
  });

  it("finds by words in any width and case, by tag, in either order, page by page", async () => {
    for (const title of ["ＡＢＣ レポート", "abc 売上 100%", "xyz 売上"]) await publish(await make(definition(title, { description: "", tags: [title.slice(0, 3)] })));
    assert.deepEqual(await titles(`?q=${encodeURIComponent("Abc")}`), ["abc 売上 100%", "ＡＢＣ レポート"]);
    assert.deepEqual(await titles(`?q=${encodeURIComponent("売上 100%")}`), ["abc 売上 100%"]);
    assert.deepEqual(await titles(`?q=${encodeURIComponent("100_")}`), []);
    assert.deepEqual(await titles("?tag=xyz"), ["xyz 売上"]);
    const all: string[] = [];
    for (let cursor = ""; ; ) {
      const { json } = await kliv.api("GET", `/api/v1/gallery?limit=2${cursor}`);
      all.push(...json.items.map((one: { slug: string }) => one.slug));
      if (!json.nextCursor) break;
      cursor = `&cursor=${json.nextCursor}`;
    }
    const { json } = await kliv.api("GET", "/api/v1/gallery?limit=200");
    assert.deepEqual(all, json.items.map((one: { slug: string }) => one.slug));
    assert.equal((await kliv.api("GET", "/api/v1/gallery?cursor=zzz")).status, 400);
    const read = json.items.at(-1) as { slug: string; title: string };
    for (let i = 0; i < 3; i++) await page(read.slug);
    await kliv.running.app.rooms.gallery.close();
    assert.equal((await kliv.api("GET", "/api/v1/gallery?sort=popular")).json.items[0].views > 0, true);
  });

  it("speaks the reader's language, and remembers a choice", async () => {
    const japanese = await kliv.api("GET", "/gallery", { headers: { "accept-language": "ja,en;q=0.5" } });
    assert.match(japanese.bytes.toString(), /<html lang="ja">[\s\S]*ギャラリー/);
    const chosen = await kliv.api("GET", "/gallery?lang=ja");
    assert.match(String(chosen.headers["set-cookie"]), /^kliv-language=ja; .*Secure/);
    assert.match((await kliv.api("GET", "/gallery", { cookie: "kliv-language=ja" })).bytes.toString(), /<html lang="ja">/);
  });
});
