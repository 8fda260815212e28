import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieOf } from "./cookies.ts";

test("a cookie is found by its whole name, the first one of it, whatever stands around it", () => {
  const headers = { cookie: "a=1; __Host-kliv=s3cret=;b; x__Host-kliv=other;  __Host-kliv = second; kliv-language=ja" };
  assert.equal(cookieOf(headers, "__Host-kliv"), "s3cret=");
  assert.equal(cookieOf(headers, "kliv-language"), "ja");
  assert.equal(cookieOf(headers, "b"), null);
  assert.equal(cookieOf(headers, "kliv"), null);
  assert.equal(cookieOf({}, "a"), null);
});
