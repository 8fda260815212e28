import assert from "node:assert/strict";
import { test } from "node:test";
import type { SchemaTable } from "../api/types.ts";
import { placeTables, relationsOf } from "./relations.ts";

const table = (name: string, columns: string[], foreignKeys: SchemaTable["foreignKeys"] = []): SchemaTable =>
  ({ name, kind: "table", rows: 1, columns: columns.map((column) => ({ name: column, type: "INTEGER" })), foreignKeys });

test("declared relations, and those that names suggest", () => {
  const tables = [
    table("orders", ["id", "customer_id", "city", "area_id", "notes"], [{ columns: ["city"], table: "CITIES" }, { columns: ["gone"], table: "nowhere" }]),
    table("customers", ["id", "name"]), table("cities", ["code"]), table("categories", ["id"]), table("items", ["id", "category_id", "order_id"]),
  ];
  assert.deepEqual(relationsOf(tables).map(({ from, columns, to, isGuessed }) => [from, columns.join(), to, isGuessed]), [
    ["orders", "city", "cities", false], ["orders", "customer_id", "customers", true], ["items", "category_id", "categories", true], ["items", "order_id", "orders", true],
  ]);
});

test("each table has a place of its own, also where they name each other in a circle or themselves", () => {
  const relation = (from: string, to: string) => ({ from, columns: [`${to}_id`], to, isGuessed: false });
  for (const relations of [[relation("a", "b"), relation("b", "c"), relation("c", "a")], [relation("a", "a")], [relation("a", "c"), relation("b", "c"), relation("a", "b")]]) {
    const { places, width, height } = placeTables(relations);
    for (const [at, one] of places.entries()) {
      assert.ok(one.x >= 0 && one.y >= 0 && one.x + 190 <= width && one.y + one.height <= height, JSON.stringify(places));
      for (const other of places.slice(at + 1)) assert.ok(one.x !== other.x || one.y + one.height <= other.y || other.y + other.height <= one.y, JSON.stringify(places));
    }
  }
});
