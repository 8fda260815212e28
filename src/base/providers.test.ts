import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readConfig } from "./config.ts";
import { Problem } from "./problems/problem.ts";

const read = (variables: Record<string, string>, environment = "production") => readConfig({ home: "/nowhere", environment }, variables).providers;
const google = { KLIV_OIDC_GOOGLE_CLIENT_ID: "id", KLIV_OIDC_GOOGLE_CLIENT_SECRET: "s3cret" };
const named = (name: string, values: Record<string, string>) => Object.fromEntries(Object.entries(values).map(([part, value]) => [`KLIV_OIDC_${name}_${part}`, value]));
const whole = { ISSUER: "https://id.example.com/realms/a", CLIENT_ID: "id", CLIENT_SECRET: "s3cret" };

describe("sign-in providers of the configuration", () => {
  it("there are none unless they are set", () => assert.deepEqual(read({ KLIV_OIDC_GOOGLE_CLIENT_ID: "" }), []));

  it("Google needs two variables, any other three", () => {
    assert.deepEqual(read({ ...named("MY_COMPANY", { ...whole, TITLE: "会社 & Co" }), ...google, ...named("A1", whole) }), [
      { name: "a1", title: "a1", issuer: whole.ISSUER, clientId: "id", clientSecret: "s3cret" },
      { name: "google", title: "Google", issuer: "https://accounts.google.com", clientId: "id", clientSecret: "s3cret" },
      { name: "my-company", title: "会社 & Co", issuer: whole.ISSUER, clientId: "id", clientSecret: "s3cret" },
    ]);
  });

  const refused: [string, Record<string, string>, RegExp][] = [
    ["a secret without an id", { KLIV_OIDC_GOOGLE_CLIENT_SECRET: "s3cret" }, /KLIV_OIDC_GOOGLE_CLIENT_ID is not set/],
    ["an id without a secret", { KLIV_OIDC_GOOGLE_CLIENT_ID: "id" }, /KLIV_OIDC_GOOGLE_CLIENT_SECRET is not set/],
    ["no issuer", named("X", { CLIENT_ID: "id", CLIENT_SECRET: "s3cret" }), /KLIV_OIDC_X_ISSUER is not set/],
    ["a misspelt part", { ...google, KLIV_OIDC_GOOGLE_CLIENTID: "id" }, /KLIV_OIDC_GOOGLE_CLIENTID/],
    ["a name that is none", { KLIV_OIDC__ISSUER: "https://a.example" }, /KLIV_OIDC__ISSUER/],
    ["an issuer in the clear", named("X", { ...whole, ISSUER: "http://id.example.com" }), /KLIV_OIDC_X_ISSUER is http/],
    ["an issuer on this machine in the clear, in production", named("X", { ...whole, ISSUER: "http://localhost:8080" }), /KLIV_OIDC_X_ISSUER is http/],
    ["an issuer with a query", named("X", { ...whole, ISSUER: "https://id.example.com?a=b" }), /KLIV_OIDC_X_ISSUER/],
    ["an issuer with a password", named("X", { ...whole, ISSUER: "https://a:b@id.example.com" }), /KLIV_OIDC_X_ISSUER/],
    ["no address", named("X", { ...whole, ISSUER: "id.example.com" }), /KLIV_OIDC_X_ISSUER/],
    ["a secret over two lines", { ...google, KLIV_OIDC_GOOGLE_CLIENT_SECRET: "s3cret\nmore" }, /KLIV_OIDC_GOOGLE_CLIENT_SECRET is too long or with control characters/],
  ];
  for (const [name, variables, message] of refused) {
    it(`refuses ${name}, and quotes no secret`, () =>
      assert.throws(() => read(variables), (error: unknown) => error instanceof Problem && error.code === "CONFIG_INVALID" && message.test(error.message) && !error.message.includes("s3cret")));
  }

  it("takes a provider on this machine in the clear, in development only", () => {
    assert.equal(read(named("X", { ...whole, ISSUER: "http://localhost:8080" }), "development").length, 1);
    assert.throws(() => read(named("X", { ...whole, ISSUER: "http://id.example.com" }), "development"));
  });
});
