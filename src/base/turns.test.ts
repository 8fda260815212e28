import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "./turns.ts";

test("no more run at once than may, all run in their order, and a failure gives its place on", async () => {
  const inTurn = createTurns(2);
  const order: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, at) =>
      inTurn(async () => {
        order.push(at);
        most = Math.max(most, ++running);
        for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
        running--;
        if (at % 3 === 0) throw new Error("on purpose");
        return at;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(results.map(({ status }) => status === "rejected"), order.map((at) => at % 3 === 0));
});
