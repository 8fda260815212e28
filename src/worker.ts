import { serve } from "#src/base/sandbox/serve.ts";

/* The program of the sandboxed children. Nothing heavy is imported before a task asks for it. */
await serve(async (kind, channel) => {
  switch (kind) {
    case "probe":
      return () => channel.answer(null);
    case "query": {
      const { runQuery } = await import("#src/rooms/queries/run.ts");
      return (request) => runQuery(request, channel);
    }
    case "query-columnar": {
      const { runDuck } = await import("#src/rooms/queries/duck.ts");
      return (request) => runDuck(request, channel);
    }
    case "columnar-make": {
      const { make } = await import("#src/rooms/columnar/make.ts");
      return async (request) => channel.answer(await make(request, (progress: unknown) => channel.progress(progress)));
    }
    case "describe": {
      const { describe } = await import("#src/rooms/queries/describe.ts");
      return (request) => channel.answer(describe(request));
    }
    case "compare": {
      const { compareFiles } = await import("#src/rooms/queries/compare.ts");
      return (request) => channel.answer(compareFiles(request));
    }
    case "extract": {
      const { extract } = await import("#src/rooms/queries/extract.ts");
      return (request) => channel.answer(extract(request));
    }
    case "export": {
      const { runExport } = await import("#src/rooms/exports/run.ts");
      return (request) => runExport(request, channel);
    }
    case "advise": {
      const { advise } = await import("#src/rooms/indexes/advise.ts");
      return (request) => channel.answer(advise(request));
    }
    case "indexes": {
      const { build } = await import("#src/rooms/indexes/build.ts");
      return (request) => channel.answer(build(request));
    }
    case "inspect": {
      const { inspect } = await import("#src/rooms/attachments/inspect/inspect.ts");
      return async (request) => channel.answer(await inspect(request, channel.input()));
    }
    case "export-file": {
      const { makeFile } = await import("#src/rooms/exports/file.ts");
      return async (request) => channel.answer(await makeFile(request));
    }
    case "draw": {
      const { draw } = await import("#src/rooms/charts/draw.ts");
      return async (request) => {
        const { head, body } = await draw(request);
        channel.answer(head, body);
      };
    }
    case "import": {
      const { runImport } = await import("#src/rooms/databases/import/run.ts");
      return async (request) => {
        channel.answer(await runImport(request, channel.input(), (progress: unknown) => channel.progress(progress)));
      };
    }
    case "preview": {
      const { runPreview } = await import("#src/rooms/databases/import/preview.ts");
      return async (request) => {
        channel.answer(await runPreview(request, channel.input(), (progress: unknown) => channel.progress(progress)));
      };
    }
    case "append": {
      const { appendRows } = await import("#src/rooms/databases/import/append.ts");
      return async (request) => {
        channel.answer(await appendRows(request, channel.input(), (progress: unknown) => channel.progress(progress)));
      };
    }
    default:
      throw new Error(`no such kind of task: ${kind}`);
  }
  // DuckDB keeps the blocks that it has read: the next question about them is the faster.
}, { "query-columnar": 640 * 1024 ** 2 });
