import { createGunzip, createZstdDecompress } from "node:zlib";
import { importSource } from "./formats.ts";
import type { Importer } from "./formats.ts";
import { ByteSource } from "./source.ts";
import { Expansion, chunksOf, unpacked } from "./unpack.ts";

const chunkBytes = 256 * 1024;

/** A file that was packed alone: read as it is unpacked, and named as it was before. */
export const importGzip: Importer = (request, source, report) => importPacked({ request, source, report, format: "gzip" });
export const importZstd: Importer = (request, source, report) => importPacked({ request, source, report, format: "zstd" });

type Parts = { request: Parameters<Importer>[0]; source: ByteSource; report: Parameters<Importer>[2]; format: "gzip" | "zstd" };

async function importPacked({ request, source, report, format }: Parts): ReturnType<Importer> {
  const { limits, fileName, sizeBytes, within = [] } = request;
  const stream = format === "gzip" ? createGunzip({ chunkSize: chunkBytes }) : createZstdDecompress({ chunkSize: chunkBytes });
  const expansion = new Expansion({ inBytes: () => source.bytesRead, bytesMax: limits.uploadBytesMax });
  const inner = new ByteSource(unpacked({ input: chunksOf(source), stream, format, expansion }), Number.POSITIVE_INFINITY);
  const { contentType: _packed, sizeBytes: _packedBytes, ...rest } = request;
  try {
    return await importSource({ ...rest, fileName: fileName.replace(/\.(gz|gzip|zst|zstd)$/i, ""), within: [...within, format] }, inner, (progress) =>
      report(progress.unit === "bytes" && progress.phase === "reading" ? { ...progress, done: source.bytesRead, ...(sizeBytes ? { total: sizeBytes } : {}) } : progress),
    );
  } finally {
    await inner.close();
  }
}
