import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOrdersDatabase } from "./orders.ts";
import type { Served } from "./served.ts";

export const hostedRows = 750_000;

/** A database of three quarters of a million orders, hosted by a server; the same file lies here for the baselines. */
export interface Hosted {
  served: Served;
  id: string;
  file: string;
}

const hosted = new Map<Served, Promise<Hosted>>();
const folders: string[] = [];

/** Uploads it when it is first asked for. */
export function hostedOrders(served: Served): Promise<Hosted> {
  let known = hosted.get(served);
  if (!known) hosted.set(served, (known = upload(served)));
  return known;
}

async function upload(served: Served): Promise<Hosted> {
  const folder = mkdtempSync(join(tmpdir(), "kliv-bench-data-"));
  folders.push(folder);
  const file = join(folder, "orders.sqlite");
  makeOrdersDatabase(file, hostedRows);
  const { id } = await served.ask<{ id: string }>("POST", `/api/v1/teams/${served.team}/databases?name=orders`, {
    body: createReadStream(file, { highWaterMark: 1024 ** 2 }), headers: { "x-filename": "orders.sqlite", "content-type": "application/vnd.sqlite3" }, expected: 201,
  });
  return { served, id, file };
}

export function removeHosted(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
