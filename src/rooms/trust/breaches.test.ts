import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Readable } from "node:stream";
import { sql } from "kysely";
import pg from "pg";
import { putUpGuard } from "#src/base/outbound/guard.ts";
import { startEmbeddedPostgres } from "#src/base/postgres/embedded.ts";
import { Problem } from "#src/base/problems/problem.ts";
import { tlsSettings } from "#src/base/tls.ts";
import { startTestServer } from "../../../tests/server.ts";
import type { TestServer } from "../../../tests/server.ts";
import type { PromiseView } from "./schema.ts";

type Rooms = TestServer["running"]["app"]["rooms"];

/** Each breach is planted in Kliv itself, under its own routes: the check must see it, and see it gone afterwards. */
describe("a breach planted in the running server", () => {
  let kliv: TestServer;
  before(async () => {
    kliv = await startTestServer();
  });
  after(() => kliv.stop());

  const check = async (id: string): Promise<PromiseView> => (await kliv.running.app.rooms.checker.run({ ids: [id] }))[0]!;
  const describeView = ({ state, evidence }: PromiseView): string => `${state}: ${evidence.summary.en}`;
  const twin = (id: string, name: string, summary: RegExp, plant: () => Promise<() => unknown> | (() => unknown)): void => {
    test(`${id}: ${name}`, async () => {
      const mend = await plant();
      try {
        const view = await check(id);
        assert.equal(view.state, "broken", describeView(view));
        assert.match(view.evidence.summary.en, summary);
      } finally {
        await mend();
      }
      const mended = await check(id);
      assert.equal(mended.state, "kept", describeView(mended));
    });
  };
  /** Puts another method in the place of a room's own, until it is mended. */
  const replace = <R extends keyof Rooms, M extends keyof Rooms[R]>(room: R, method: M, make: (own: Rooms[R][M]) => Rooms[R][M]) => (): (() => void) => {
    const target = kliv.running.app.rooms[room];
    const own = target[method];
    target[method] = make(own);
    return () => void (target[method] = own);
  };

  twin("LOGIN-4", "any password is taken", /password of \d+ characters .* was accepted/, replace("signin", "createPassword", (own) => async (options) => {
    const isRefused = await own(options).then(() => false, (error: unknown) => error instanceof Problem && error.code === "PASSWORD_REFUSED");
    if (isRefused) await own({ ...options, password: "correct horse 電池" });
  }));

  twin("LOGIN-6", "a link is taken again and again", /One link was taken \d+ times/, replace("signin", "createPassword", (own) => (options) =>
    own(options).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.code !== "LINK_INVALID") throw error;
    })));

  twin("LOGIN-6", "an answer tells of an account", /tells whether an address has an account/, replace("signin", "sendLink", (own) => async (options) => {
    if (options.email.startsWith("nobody-")) throw new Problem("USER_NOT_FOUND", { values: { email: options.email } });
    await own(options);
  }));

  twin("ACCESS-5", "a member who is removed stays", /still works after 5 seconds/, replace("teams", "removeMember", () => () => Promise.resolve()));

  twin("ACCESS-1", "another team's report is anybody's", /reports\/\{id\} was answered to another team's owner with 200/, () => {
    const { resolvers } = kliv.running.app;
    const own = resolvers["report"]!;
    const { postgres } = kliv.running.app;
    // The question is answered wrongly, and the wall behind it is passed too.
    resolvers["report"] = async (id, actor) => {
      const { rows } = await postgres.transaction({ operator: true }, (tx) => sql<{ team: string }>`select team_id as team from reports where id = ${id}`.execute(tx));
      const team = rows[0]?.team;
      if (team) (actor.teams as Map<string, "owner">).set(team, "owner");
      return team ? { kind: "report", id, team } : null;
    };
    return () => void (resolvers["report"] = own);
  });

  twin("ACCESS-1", "a table of teams stands without its wall", /without a wall: groups/, async () => {
    const { ownerUrl } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query("alter table groups disable row level security");
    return async () => {
      await owner.query("alter table groups enable row level security");
      await owner.end();
    };
  });

  twin("VALID-1", "of a damaged file something is kept", /was accepted/, replace("databases", "create", (own) => async (options) => {
    try {
      return await own(options);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500 || options.upload.kind !== "file") throw error;
      return await own({ ...options, upload: { ...options.upload, fileName: "kept.csv", contentType: "text/csv", input: Readable.from([Buffer.from("a,b\n1,2\n")]) } });
    }
  }));

  twin("PORT-1", "an export leaves something out", /lacks/, replace("portability", "exportTeam", (own) => async (options) => {
    const workspace = await own(options);
    return { ...workspace, reports: workspace.reports.slice(1) };
  }));

  twin("PORT-2", "a download is not named by its own checksum", /ETag is not its SHA-256/, replace("databases", "currentVersion", (own) => async (team, id) => ({ ...(await own(team, id)), sha256: "0".repeat(64) })));

  twin("ACCESS-6", "a report for the team is shown to a stranger", /shows private things to a stranger/, replace("gallery", "open", (own) => async (slug) => {
    const { postgres } = kliv.running.app;
    const { rows } = await postgres.transaction({ operator: true }, (tx) => sql<{ id: string }>`select id from teams`.execute(tx));
    return await own(slug, { kind: "session", user: "nobody", id: "none", scope: "all", teams: new Map(rows.map(({ id }) => [id, "viewer"])) });
  }));

  twin("ACCESS-6", "the gallery hides a public report", /public reports are not in the gallery/, async () => {
    const { team, token } = await kliv.makeTeam("hidden");
    const made = await kliv.api("POST", `/api/v1/teams/${team}/reports`, { token, body: { schema: 1, title: "Hidden", language: "en", parameters: [], blocks: [] } });
    assert.equal((await kliv.api("POST", `/api/v1/reports/${made.json.id}/publication`, { token, body: { visibility: "public" } })).status, 200);
    return replace("gallery", "list", (own) => async (options) => {
      const found = await own(options);
      return { ...found, items: found.items.filter((item) => item.definition.title !== "Hidden") };
    })();
  });

  twin("LOG-1", "an event of anyone's log is altered in the database", /1 logs do not fit .* altered/, async () => {
    const { team } = await kliv.makeTeam("altered");
    await kliv.running.app.rooms.auditLog.run();
    const { ownerUrl } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query("update audit_events set action = 'team:look' where team_id = $1 and action = 'team:create'", [team]);
    return async () => {
      await owner.query("update audit_events set action = 'team:create' where team_id = $1 and action = 'team:look'", [team]);
      await owner.end();
    };
  });

  twin("LOG-1", "a change leaves two events", /left 2 events instead of one/, replace("audit", "record", (own) => async (tx, deed) => {
    await own(tx, deed);
    if (deed.action === "report:publish") await own(tx, deed);
  }));

  twin("LOG-1", "a download leaves no event", /left 0 events instead of one/, replace("audit", "record", (own) => async (tx, deed) => {
    if (deed.action !== "database:download") await own(tx, deed);
  }));

  twin("LOG-1", "an export of the log leaves an event out", /does not verify with the public key/, replace("auditLog", "exportTeam", (own) => async (options) => {
    const parts = await own(options);
    return (async function* () {
      for await (const part of parts) yield part.split("\n").filter((line) => !line.includes("report:publish")).join("\n");
    })();
  }));

  twin("ACCESS-7", "a new version asks nobody", /A new version is not asked for/, replace("agreements", "pending", (own) => async (tx, user) =>
    (await own(tx, user)).filter(({ kind }) => kind === "privacy" || kind === "terms")));

  twin("ACCESS-7", "an export leaves acceptances out", /lacks an acceptance/, replace("portability", "exportTeam", (own) => async (options) => {
    const workspace = await own(options);
    return { ...workspace, agreements: { ...workspace.agreements!, accepted: workspace.agreements!.accepted.slice(0, -1) } };
  }));

  twin("ACCESS-7", "a version is asked for before its day", /before it is in force/, replace("agreements", "publishProbe", (own) => (options) => own({ ...options, effectiveAt: undefined })));

  twin("ACCESS-7", "the text of a version is changed", /not what was published/, replace("agreements", "get", (own) => async (options) => {
    const shown = await own(options);
    return { ...shown, text: { ...shown.text, en: shown.text.en.replace("30 days", "300 days") } };
  }));

  twin("ENV-1", "the database says that it is another environment's", /A process of staging was let into the database of development/, async () => {
    const { ownerUrl } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query("update installation set environment = 'staging'");
    return async () => {
      await owner.query("update installation set environment = 'development'");
      await owner.end();
    };
  });

  twin("ENV-1", "the home says that it is another environment's", /let into the home with its keys/, () => {
    const path = join(kliv.config.home, "environment");
    writeFileSync(path, "production\n");
    return () => writeFileSync(path, "development\n");
  });

  // The key authenticates the store's marker, so it cannot be altered as the others can.
  twin("ENV-1", "the object store lets anyone in", /let into the object store/, replace("elsewhere", "openAs", (own) => async (environment) =>
    (await own(environment)).map((met) => (met.store === "objects" ? { ...met, refusedWith: null } : met))));

  twin("BACKUP-2", "the audit does not compare", /was not found by the audit/, replace("durability", "run", (own) => async (options) => ({ ...(await own(options)), found: [] })));

  twin("HOST-3", "a table is made that the map does not name", /The table notes is not on the map/, async () => {
    const { ownerUrl } = await startEmbeddedPostgres({ home: kliv.config.home, attach: true });
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    await owner.query("create table notes (text text)");
    return async () => {
      await owner.query("drop table notes");
      await owner.end();
    };
  });

  twin("HOST-3", "objects are stored that the map does not name", /The objects under notes\/ is not on the map/, async () => {
    const folder = join(kliv.config.home, "blobs/objects/notes");
    mkdirSync(folder);
    writeFileSync(join(folder, "one="), "");
    return () => rmSync(folder, { recursive: true });
  });

  twin("HOST-3", "a file of the home is not on the map", /In the home, notes is not on the map/, () => {
    const path = join(kliv.config.home, "notes");
    writeFileSync(path, "");
    return () => rmSync(path);
  });

  twin("REST-2", "one object lies in the store as it is", /1 stored objects are not encrypted/, () => {
    const folder = join(kliv.config.home, "blobs/objects/versions/team_plain");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "ver_plain.sqlite="), "in the clear");
    return () => rmSync(folder, { recursive: true });
  });

  twin("TLS-2", "a plain port is opened by the server's process", /answered plain HTTP with 200/, async () => {
    const plain = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    return () => new Promise((resolve) => {
      plain.close(resolve);
      plain.closeAllConnections();
    });
  });

  twin("THIRD-1", "a host that no adapter lists is connected to", /to 192\.0\.2\.1, which is not on the register, was not refused/, () => putUpGuard({ policy: () => true, refused: () => {} }));

  twin("LOG-2", "the log says where a token came in", /lines of the log hold a password/, replace("signin", "createPassword", (own) => async (options) => {
    kliv.running.log("request", { route: `/password?link=${options.link}` });
    return await own(options);
  }));

  twin("TLS-1", "the server takes an old version and a weak suite", /accepted TLS 1\.[01]/, () => {
    const server = kliv.running.server.server as unknown as { setSecureContext(options: object): void };
    const certificate = { cert: readFileSync(join(kliv.config.home, "tls/cert.pem")), key: readFileSync(join(kliv.config.home, "tls/key.pem")) };
    server.setSecureContext({ ...certificate, ...tlsSettings, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" });
    return () => server.setSecureContext({ ...certificate, ...tlsSettings });
  });
});
