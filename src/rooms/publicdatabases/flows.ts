import type { Readable } from "node:stream";
import type { Postgres } from "#src/base/postgres/postgres.ts";

interface Opened {
  id: string;
  slug: string;
}

/** Downloads by strangers that are under way: one ends when its database is no longer open, on whichever node that was said. */
export function createFlows({ postgres, isOpen }: { postgres: Postgres; isOpen(slug: string): Promise<boolean> }): { hold(database: Opened, stream: Readable): Readable } {
  const flows = new Map<Readable, Opened>();
  const look = async (stream: Readable, slug: string): Promise<void> => {
    // What cannot be told, as with a database that is away for a moment, is not shown on.
    if (!(await isOpen(slug).catch(() => false))) stream.destroy();
  };
  postgres.onChange((change) => {
    if (flows.size === 0 || (change && change.kind !== "database" && change.kind !== "team")) return;
    for (const [stream, { id, slug }] of flows) if (!change || change.kind === "team" || change.id === id) void look(stream, slug);
  });
  return {
    hold(database, stream) {
      flows.set(stream, database);
      return stream.once("close", () => flows.delete(stream));
    },
  };
}
