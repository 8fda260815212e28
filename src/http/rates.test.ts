import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { movableClock } from "#src/base/clock.ts";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { createRates, networkOf } from "./rates.ts";

describe("calls of one address", () => {
  it("are counted for an hour, each route and each network by itself", () => {
    const clock = movableClock(Date.UTC(2026, 10, 24, 9));
    const { hold } = createRates(clock);
    const call = (address: string, route = "a"): void => hold({ route, address, perHourMax: 3 });
    for (let at = 0; at < 3; at++) call("192.0.2.1");
    assert.throws(() => call("192.0.2.1"), { code: "RATE_LIMITED" });
    assert.throws(() => call("::ffff:192.0.2.1"), { code: "RATE_LIMITED" });
    call("192.0.2.2");
    call("192.0.2.1", "b");
    clock.move(3_599_999);
    assert.throws(() => call("192.0.2.1"), { code: "RATE_LIMITED" });
    clock.move(1);
    call("192.0.2.1");
  });

  it("of IPv6 are one where their first 64 bits are", () => {
    assert.deepEqual(["2001:db8:0:1::5", "2001:0db8:0:1:ffff::1", "2001:db8:0:2::5", "::1", "fe80::1%eth0"].map(networkOf), ["2001:db8:0:1", "2001:db8:0:1", "2001:db8:0:2", "0:0:0:0", "fe80:0:0:0"]);
  });

  describe("over HTTPS", () => {
    let kliv: TestServer;
    before(async () => {
      kliv = await startTestServer({ KLIV_TRUSTED_PROXIES: "127.0.0.0/8,::1" });
    });
    after(() => kliv.stop());

    it("for mailed links end with 429 and when to come again; behind a proxy that is trusted each client has its own", async () => {
      const ask = (client: string, at: number) => kliv.api("POST", "/api/v1/password-links", { body: { email: `not an address ${at}` }, headers: { "x-forwarded-for": client } });
      const statuses = new Set<number>();
      for (let at = 0; at < 300; at++) statuses.add((await ask("198.51.100.7", at)).status);
      assert.deepEqual([...statuses], [400]);
      const refused = await ask("198.51.100.7", 301);
      assert.deepEqual([refused.status, refused.json.code], [429, "RATE_LIMITED"]);
      assert.equal(refused.headers["retry-after"], "3600");
      assert.equal((await ask("198.51.100.8", 0)).status, 400);
    });
  });
});
