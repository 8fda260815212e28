import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestServer } from "../../tests/server.ts";
import type { TestServer } from "../../tests/server.ts";
import { sandboxCommands } from "./sandbox.ts";

let kliv: TestServer;
before(async () => {
  kliv = await startTestServer();
});
after(() => kliv.stop());

test("the walls in force are told by a command, on the page of trust and on that of the status", async () => {
  const printed: { result: unknown; text: string }[] = [];
  await sandboxCommands[0]!.run({ config: kliv.config, flags: {}, words: [], print: (result, text) => void printed.push({ result, text }) });
  const { level, separateUser, filtersCalls } = kliv.running.app.pools.query;
  assert.deepEqual(printed[0]!.result, { level, separateUser, filtersCalls });
  const words = printed[0]!.text.split("\n")[1]!;
  for (const path of ["/trust", "/status"]) {
    const page = (await kliv.api("GET", path)).bytes.toString();
    assert.ok(page.includes(words), `${path}: ${words}`);
  }
});
