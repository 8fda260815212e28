import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readConfig } from "./config.ts";

describe("configuration", () => {
  it("a certificate without its key, and a key without its certificate, is refused and says what is missing", () => {
    for (const [given, missing] of [["KLIV_TLS_CERT", "KLIV_TLS_KEY"], ["KLIV_TLS_KEY", "KLIV_TLS_CERT"]] as const) {
      assert.throws(() => readConfig({}, { [given]: "/a.pem" }), (error: { code: string; options: { values: { name: string } } }) => error.code === "CONFIG_INVALID" && error.options.values.name === missing);
    }
    assert.deepEqual(readConfig({}, { KLIV_TLS_CERT: "/c.pem", KLIV_TLS_KEY: "/k.pem" }).certificate, { certFile: "/c.pem", keyFile: "/k.pem" });
  });
});
