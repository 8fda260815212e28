import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "#src/base/problems/problem.ts";
import { openArchive } from "./archive.ts";
import type { ArchivedFile } from "./archive.ts";
import { combine } from "./combine.ts";
import { importSource } from "./formats.ts";
import { tableName } from "./names.ts";
import { named, refuse } from "./refuse.ts";
import type { ImportOutcome, ImportRequest, Report, Warning } from "./run.ts";
import { ByteSource } from "./source.ts";
import { Expansion, chunksOf } from "./unpack.ts";

const namesShownMax = 20;
// Never a table, though some of it would pass for one.
const beside = /(^|\/)(read\s?me|licen[cs]e|copying|notice|change ?log|authors|terms|お読み|はじめに)[^/]*$|\.(md|rst|html?|xml|xsd|css|js|py|r|ya?ml|ini|log|pdf|docx?|pptx?|rtf|png|jpe?g|gif|svg|webp|tiff?|bmp|mp[34]|shp|shx|prj|cpg|qpj)$/i;

/**
 * Reads a ZIP file with one or more files of data: each becomes a table, or tables, of one database. Its directory
 * stands at its end, so that all of it is stored first.
 */
export async function importZip(request: ImportRequest, source: ByteSource, report: Report): Promise<ImportOutcome> {
  const path = join(request.workDir, "archive.zip");
  try {
    await store(path, { request, source, report });
    const archive = await openArchive(path);
    try {
      return await new Archived({ request, report, sizeBytes: statSync(path).size }).read(archive.files);
    } finally {
      archive.close();
    }
  } finally {
    rmSync(path, { force: true });
  }
}

async function store(path: string, { request, source, report }: { request: ImportRequest; source: ByteSource; report: Report }): Promise<void> {
  const fd = openSync(path, "w");
  try {
    for await (const chunk of chunksOf(source)) {
      for (let from = 0; from < chunk.length; ) from += writeSync(fd, chunk, from);
      report({ done: source.bytesRead, ...(request.sizeBytes ? { total: request.sizeBytes } : {}), unit: "bytes", phase: "reading" });
    }
  } finally {
    closeSync(fd);
  }
}

interface Read {
  name: string;
  folder: string;
  outcome: ImportOutcome;
}

class Archived {
  readonly #request: ImportRequest;
  readonly #report: Report;
  readonly #expansion: Expansion;
  readonly #sizeBytes: number;
  readonly #leftOut: string[] = [];
  readonly #read: Read[] = [];
  #doneBytes = 0;

  constructor(options: { request: ImportRequest; report: Report; sizeBytes: number }) {
    this.#request = options.request;
    this.#report = options.report;
    this.#sizeBytes = options.sizeBytes;
    this.#expansion = new Expansion({ inBytes: () => options.sizeBytes, bytesMax: options.request.limits.uploadBytesMax });
  }

  async read(files: ArchivedFile[]): Promise<ImportOutcome> {
    const isAlone = files.length === 1;
    const chosen = files.filter(({ name }) => isAlone || !beside.test(name));
    for (const { name } of files) if (!isAlone && beside.test(name)) this.#leftOut.push(name);
    const bases = chosen.map(({ name }) => tableName(name).toLowerCase());
    try {
      for (const [at, file] of chosen.entries()) {
        const isNamedTwice = bases.filter((base) => base === bases[at]).length > 1;
        await this.#one(file, { isAlone: chosen.length === 1, tableName: isNamedTwice ? tableName(file.name.replaceAll("/", "_")) : undefined });
      }
      return this.#finish();
    } finally {
      for (const { folder } of this.#read) rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Reads a file. One of a kind that is not read is passed over where there are others. */
  async #one(file: ArchivedFile, options: { isAlone: boolean; tableName: string | undefined }): Promise<void> {
    const { fileName: archiveName, contentType: _type, sizeBytes: _size, choices, ...rest } = this.#request;
    const folder = join(this.#request.workDir, `file${this.#read.length}`);
    mkdirSync(folder);
    const source = new ByteSource(file.read(this.#expansion), Number.POSITIVE_INFINITY);
    const request: ImportRequest = {
      ...rest, workDir: folder, fileName: file.name, within: [...(rest.within ?? []), "zip"],
      // Of several files each is found out for itself; what was chosen for their tables is applied to all of them.
      ...(options.isAlone ? { choices } : { tableName: options.tableName }),
    };
    try {
      const outcome = await importSource(request, source, () => this.#tell());
      this.#read.push({ name: file.name, folder, outcome });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      const isPassedOver = !options.isAlone && error instanceof Problem && error.code === "FILE_FORMAT_UNSUPPORTED";
      if (!isPassedOver) throw named(error, `${archiveName}/${file.name}`);
      this.#leftOut.push(file.name);
    } finally {
      await source.close();
    }
    this.#doneBytes += file.packedBytes;
    this.#tell();
  }

  #tell(): void {
    this.#report({ done: Math.min(this.#doneBytes, this.#sizeBytes), total: this.#sizeBytes, unit: "bytes", phase: "unpacking" });
  }

  #finish(): ImportOutcome {
    const { workDir, limits } = this.#request;
    const out = join(workDir, "out.sqlite");
    const left: Warning[] = this.#leftOut.length > 0 ? [{ code: "FILES_LEFT_OUT", count: this.#leftOut.length, names: shown(this.#leftOut) }] : [];
    const [first, ...others] = this.#read;
    if (!first) throw refuse("FILE_ZIP_NO_TABLES", { names: shown(this.#leftOut) || "-" });
    if (others.length === 0) {
      renameSync(join(first.folder, first.outcome.file), out);
      return { ...first.outcome, warnings: [...left, ...first.outcome.warnings] };
    }
    const tables = combine({
      workDir, limits, report: this.#report,
      parts: this.#read.map(({ name, folder, outcome }) => ({ path: join(folder, outcome.file), tables: outcome.tables, ...(outcome.format === "sqlite" ? { database: name } : {}) })),
    });
    const warnings = this.#read.flatMap(({ name, outcome }) => outcome.warnings.map((warning) => ({ ...warning, file: name })));
    return { file: "out.sqlite", format: "zip", tables, sizeBytes: statSync(out).size, warnings: [...left, ...warnings], ...(this.#read.some(({ outcome }) => outcome.isCut) ? { isCut: true } : {}) };
  }
}

function shown(names: string[]): string {
  return names.slice(0, namesShownMax).map((name) => name.slice(0, 80)).join(", ") + (names.length > namesShownMax ? ", …" : "");
}
