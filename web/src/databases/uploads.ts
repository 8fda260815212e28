import { useSyncExternalStore } from "react";
import { Problem, asProblem, call, problemFrom } from "../api/api.ts";
import { queryClient } from "../api/data.ts";
import type { Choices, Preview } from "../api/arrivals.ts";
import type { Database, Job } from "../api/types.ts";
import { currentLanguage } from "../words/language.ts";
import { shownWith } from "./choices.ts";

/** `looking`: the file is there and is being looked at; `ready`: its person decides. */
export type UploadState = "waiting" | "sending" | "fetching" | "looking" | "ready" | "reading" | "done" | "failed" | "cancelled";

export interface Upload {
  id: number;
  file: File;
  /** Several files that become one database; then `file` only carries their name. */
  parts: readonly File[];
  /** Where the file is fetched from, where it is not one of the person's own. */
  url: string | null;
  /** What the database will be called. */
  name: string;
  team: string;
  /** Set when the file replaces the contents of a database. */
  into: string | null;
  state: UploadState;
  sentBytes: number;
  /** Of the import, once the file has arrived. */
  progress: Job["progress"] | null;
  database: string | null;
  /** The file as it would be read. */
  preview: Preview | null;
  /** It is looked at again, with other choices. */
  correcting: boolean;
  problem: Problem | null;
}

const atOnceMax = 2;
const lookFirstMs = 250;
const lookMaxMs = 1_500;

let uploads: readonly Upload[] = [];
let last = 0;
const stops = new Map<number, () => void>();
const corrections = new Map<number, AbortController>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useUploads = (): readonly Upload[] => useSyncExternalStore(subscribe, () => uploads);

export const isUnderWay = (upload: Upload): boolean => ["waiting", "sending", "fetching", "looking", "reading"].includes(upload.state);

/** Takes files in; they are sent at once, two at a time, wherever the person goes on to in the app. */
export function addUploads({ files, team, into = null, name }: { files: Iterable<File>; team: string; into?: string | null; name?: string }): number[] {
  const added = [...files].map((file): Upload => {
    last += 1;
    return { id: last, file, parts: [], url: null, name: name ?? nameOf(file.name), team, into, state: "waiting", sentBytes: 0, progress: null, database: null, preview: null, correcting: false, problem: null };
  });
  set([...uploads, ...added]);
  startNext();
  return added.map((upload) => upload.id);
}

export const sizeOf = ({ file, parts, preview }: Upload): number => preview?.sizeBytes ?? parts.reduce((sum, part) => sum + part.size, file.size);

/** Whether a file could be one of several that become one database. */
export const isJoinable = (upload: Upload): boolean => upload.url === null && upload.into === null && upload.parts.length === 0 && upload.file.size > 0 && ["waiting", "ready", "failed", "cancelled"].includes(upload.state);

/** Sends files again, as one database with a table or tables for each. */
export function joinUploads(joined: readonly Upload[]): void {
  const [first] = joined;
  if (!first) return;
  for (const { id } of joined) dismissUpload(id);
  last += 1;
  const parts = joined.map(({ file }) => file);
  set([...uploads, { ...first, id: last, file: new File([], parts.map(({ name }) => name).join(", ")), parts, state: "waiting", sentBytes: 0, progress: null, database: null, preview: null, correcting: false, problem: null }]);
  startNext();
}

let restoredFor: string | null = null;

/** Files that wait since before the page was loaded, a day at most: once, and not while others are on their way. */
export async function restoreUploads(team: string): Promise<void> {
  if (restoredFor === team || uploads.some(isUnderWay)) return;
  restoredFor = team;
  const { items } = await call<{ items: Preview[] }>(`/api/v1/teams/${encodeURIComponent(team)}/previews`).catch(() => ({ items: [] }));
  const missing = items.filter((preview) => preview.database === null && !uploads.some((upload) => upload.preview?.id === preview.id));
  set([
    ...missing.toReversed().map((preview): Upload => {
      last += 1;
      return { id: last, file: new File([], preview.fileName), parts: [], url: null, name: nameOf(preview.fileName), team, into: null, state: "ready", sentBytes: 0, progress: null, database: null, preview, correcting: false, problem: null };
    }),
    ...uploads,
  ]);
}

/** Has a file fetched from an address. */
export function addUrl({ url, team, into = null }: { url: string; team: string; into?: string | null }): void {
  last += 1;
  const name = decodeURIComponentOr(new URL(url).pathname.split("/").filter(Boolean).at(-1) ?? new URL(url).hostname);
  set([...uploads, { id: last, file: new File([], name), parts: [], url, name: nameOf(name), team, into, state: "waiting", sentBytes: 0, progress: null, database: null, preview: null, correcting: false, problem: null }]);
  startNext();
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A new name: at once if the database is there, with it otherwise. */
export function renameUpload(id: number, name: string): void {
  change(id, { name });
  const upload = uploads.find((one) => one.id === id);
  if (upload?.state === "done") void applyName(upload);
}

/** An import that is cancelled leaves its file, to be corrected or imported later. */
export function cancelUpload(id: number): void {
  stops.get(id)?.();
  const upload = uploads.find((one) => one.id === id);
  change(id, upload?.state === "reading" && upload.preview ? { state: "ready", progress: null } : { state: "cancelled" });
  startNext();
}

export function retryUpload(id: number): void {
  change(id, { state: "waiting", problem: null, sentBytes: 0, progress: null });
  startNext();
}

/** Looks at the file again, with other choices. Of several corrections in a row the last one counts. */
export function correctUpload(id: number, choices: Choices): void {
  const upload = uploads.find((one) => one.id === id);
  if (!upload?.preview) return;
  const { preview } = upload;
  corrections.get(id)?.abort();
  const stop = new AbortController();
  corrections.set(id, stop);
  // What was chosen shows at once; the rest when it was looked at.
  change(id, { correcting: true, problem: null, preview: shownWith(preview, choices) });
  void call<Preview>(`/api/v1/previews/${encodeURIComponent(preview.id)}`, { method: "PATCH", body: { choices }, signal: stop.signal })
    .then((seen) => change(id, { preview: seen, correcting: false }))
    .catch((error: unknown) => {
      if (!stop.signal.aborted) change(id, { correcting: false, problem: asProblem(error), preview });
    });
}

export function importUpload(id: number): void {
  const upload = uploads.find((one) => one.id === id);
  if (upload?.state === "ready" && upload.preview && !upload.correcting) void runImport(upload, upload.preview);
}

export function dismissUpload(id: number): void {
  const upload = uploads.find((one) => one.id === id);
  if (upload?.preview && upload.state === "ready") void call(`/api/v1/previews/${encodeURIComponent(upload.preview.id)}`, { method: "DELETE" }).catch(() => undefined);
  set(uploads.filter((upload) => upload.id !== id));
}

function set(next: readonly Upload[]): void {
  uploads = next;
  for (const listener of listeners) listener();
}

function change(id: number, part: Partial<Upload>): void {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
}

const stateOf = (id: number): UploadState | undefined => uploads.find((upload) => upload.id === id)?.state;

function nameOf(file: string): string {
  return file.replace(/\.(gz|zst|zip)$/i, "").replace(/\.[A-Za-z0-9]{1,8}$/, "") || file;
}

function startNext(): void {
  const running = uploads.filter((upload) => ["sending", "fetching", "looking"].includes(upload.state)).length;
  for (const upload of uploads.filter((one) => one.state === "waiting").slice(0, Math.max(0, atOnceMax - running))) void run(upload);
}

async function run(upload: Upload): Promise<void> {
  const { id } = upload;
  change(id, { state: upload.url === null ? "sending" : "fetching" });
  try {
    const preview = upload.url === null ? await send(upload) : await fetchFrom(upload, upload.url);
    if (stateOf(id) === "cancelled") return;
    change(id, { state: "ready", preview });
  } catch (error) {
    if (stateOf(id) !== "cancelled") change(id, { state: "failed", problem: asProblem(error) });
  } finally {
    stops.delete(id);
    startNext();
  }
}

async function runImport({ id, name, file }: Upload, preview: Preview): Promise<void> {
  change(id, { state: "reading", problem: null, progress: null });
  try {
    const { job } = await call<{ job: string }>(`/api/v1/previews/${encodeURIComponent(preview.id)}/import`, { method: "POST", body: { name: name.trim() || file.name } });
    const database = await follow<Database>(id, job, "reading");
    if (stateOf(id) !== "reading") return;
    change(id, { state: "done", database: database.id, preview: null });
    await applyName(uploads.find((one) => one.id === id)!);
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: ["databases"] }),
      queryClient.invalidateQueries({ queryKey: ["database", database.id] }),
      queryClient.invalidateQueries({ queryKey: ["answer", database.id] }),
    ]);
  } catch (error) {
    // The file is still there: it can be corrected.
    const problem = asProblem(error);
    if (stateOf(id) === "reading") change(id, { state: "ready", problem: problem.code === "JOB_CANCELLED" || problem.code === "CANCELLED" ? null : problem });
  } finally {
    stops.delete(id);
  }
}

async function fetchFrom({ id, team, into }: Upload, url: string): Promise<Preview> {
  const { job } = await call<{ job: string }>(`/api/v1/teams/${encodeURIComponent(team)}/previews/url`, { method: "POST", body: { url, ...(into === null ? {} : { database: into }) } });
  const { preview } = await follow<{ preview: string }>(id, job, "fetching");
  return await call<Preview>(`/api/v1/previews/${encodeURIComponent(preview)}`);
}

/** XMLHttpRequest, because fetch tells nothing of how much has been sent. */
function send(upload: Upload): Promise<Preview> {
  const { id, file, parts, team, into } = upload;
  const form = new FormData();
  for (const part of parts) form.append("files", part, part.name);
  const path = `/api/v1/teams/${encodeURIComponent(team)}/previews${into === null ? "" : `?database=${encodeURIComponent(into)}`}`;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    // A form says its own type, with its boundary.
    if (parts.length === 0) request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    if (parts.length === 0) request.setRequestHeader("X-Filename", encodeURIComponent(file.name));
    request.setRequestHeader("Accept-Language", currentLanguage());
    request.upload.onprogress = (event) => change(id, { sentBytes: event.loaded });
    request.upload.onload = () => change(id, { sentBytes: sizeOf(upload), ...(stateOf(id) === "sending" ? { state: "looking" as const } : {}) });
    request.onerror = () => reject(new Problem({ code: "NETWORK" }));
    request.onabort = () => reject(new Problem({ code: "CANCELLED" }));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Preview);
      else reject(problemFrom(request.responseText, request.status));
    };
    stops.set(id, () => request.abort());
    request.send(parts.length === 0 ? file : form);
  });
}

/** Looks after the job until it ends. */
async function follow<T>(id: number, job: string, under: UploadState): Promise<T> {
  const path = `/api/v1/jobs/${encodeURIComponent(job)}`;
  const stop = (): void => void call(path, { method: "DELETE" }).catch(() => undefined);
  stops.set(id, stop);
  if (stateOf(id) !== under) stop();
  for (let waitMs = lookFirstMs; ; waitMs = Math.min(lookMaxMs, waitMs * 1.3)) {
    const { state, progress, result, error } = await call<Job>(path);
    if (stateOf(id) === under) change(id, { progress });
    if (state === "done") return result as T;
    if (state === "failed") throw asProblem(error);
    if (state === "cancelled") throw new Problem({ code: "CANCELLED" });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

async function applyName(upload: Upload): Promise<void> {
  const { database, name, into, file } = upload;
  if (database === null || into !== null || name.trim() === "" || name.trim() === nameOf(file.name)) return;
  await call(`/api/v1/databases/${encodeURIComponent(database)}`, { method: "PATCH", body: { name: name.trim() } }).catch(() => undefined);
  await queryClient.invalidateQueries({ queryKey: ["databases"] });
}

addEventListener("beforeunload", (event) => {
  if (uploads.some((upload) => upload.state === "waiting" || upload.state === "sending")) event.preventDefault();
});
