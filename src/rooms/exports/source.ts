import type { RowAccess } from "#src/access/rows.ts";
import type { DuckRequest } from "#src/rooms/queries/duck.ts";
import { readRows } from "#src/rooms/queries/read.ts";
import type { Reading, Source } from "#src/rooms/queries/read.ts";

/** What an export reads. */
export interface ReadTask {
  /** The database file's path, inside one of the pool's readable folders. */
  file: string;
  source: Source;
  /** What the reader may see of the rows; without it, all. */
  rows?: RowAccess;
  /** Asked in DuckDB's SQL, of the columnar copy. */
  duck?: Omit<DuckRequest, "rowsMax" | "bytesMax">;
}

/** DuckDB is loaded by those who ask it. */
export async function read(task: ReadTask): Promise<Reading> {
  return task.duck === undefined ? readRows(task) : await (await import("#src/rooms/queries/duck.ts")).readDuck(task.duck);
}
