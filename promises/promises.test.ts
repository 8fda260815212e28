import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { allPromises } from "./all.ts";

test("Each promise has a file of its own name, and each file is a promise", async () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /^[A-Z]+-\d+\.ts$/.test(name)).map((name) => name.replace(".ts", ""));
  assert.equal(files.length, 74);
  assert.deepEqual(files.toSorted(), allPromises.map(({ id }) => id).toSorted());
  for (const id of files) {
    const { default: promise } = (await import(`./${id}.ts`)) as { default: { id: string } };
    assert.equal(promise.id, id);
  }
});

test("Each text is in its language and ends as a sentence", () => {
  for (const { id, statement, must, proof } of allPromises) {
    for (const { en, ja } of [statement, must, proof]) {
      assert.match(en, /^[A-Z].*\.$/, `${id}: ${en}`);
      assert.doesNotMatch(en, /[぀-ヿ一-鿿]/, id);
      assert.match(ja, /[ぁ-ん].*。$/, `${id}: ${ja}`);
      assert.doesNotMatch(ja, /[,，] |\.$/, `${id}: ${ja}`);
    }
  }
});

test("Only what the page says does not exist is not promised", () => {
  assert.deepEqual(allPromises.filter((promise) => promise.isAbsence).map(({ id }) => id), ["CORP-3"]);
});

test("These promises have a check", () => {
  assert.deepEqual(
    allPromises.filter((promise) => promise.check).map(({ id }) => id).toSorted(),
    ["ACCESS-1", "ACCESS-5", "ACCESS-6", "ACCESS-7", "BACKUP-2", "ENV-1", "HOST-3", "LOG-1", "LOG-2", "LOGIN-1", "LOGIN-2", "LOGIN-3", "LOGIN-4", "LOGIN-5", "LOGIN-6", "LOGIN-7", "PORT-1", "PORT-2", "REST-2", "THIRD-1", "TLS-1", "TLS-2", "VALID-1"],
  );
});
