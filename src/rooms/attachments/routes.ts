import type { Readable } from "node:stream";
import { Type } from "typebox";
import { Page, PageQuery, pageLimit, pageOf } from "#src/http/paging.ts";
import { answer, route } from "#src/http/routes.ts";
import type { Answer, Context, Route } from "#src/http/routes.ts";
import { doerOf } from "#src/rooms/audit/audit.ts";
import { uploadOf } from "#src/rooms/databases/upload.ts";
import type { Attachments, AttachmentRow, Shown } from "./attachments.ts";
import { Attachment, attachmentLimits, mediaTypes } from "./schema.ts";

const TeamParams = Type.Object({ team: Type.String() });
const IdParams = Type.Object({ id: Type.String() });

const show = (row: AttachmentRow) => ({
  id: row.id, team: row.team_id, name: row.name, format: row.format, sizeBytes: row.size_bytes, sha256: row.sha256, width: row.width, height: row.height, pages: row.pages,
  notes: row.notes, createdAt: row.created_at.toISOString(), createdBy: row.created_by,
});

export function attachmentsRoutes({ attachments }: { attachments: Attachments }): Route[] {
  return [
    route({
      method: "POST",
      url: "/api/v1/teams/:team/attachments",
      summary: "Attach a PNG, JPEG, SVG or PDF for reports. Pictures are decoded and encoded anew, without what else the file said",
      tag: "attachments",
      access: { action: "attachment:create", of: "team", param: "team" },
      params: TeamParams,
      body: "stream",
      responses: { 201: Attachment },
      async handler(context) {
        const { fileName, input } = await uploadOf(context.request, attachmentLimits.uploadBytesMax);
        return answer({ status: 201, body: show(await attachments.create({ team: context.params.team, name: fileName, input, signal: context.signal, by: doerOf(context) })) });
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/teams/:team/attachments",
      summary: "The attachments of a team, newest first",
      tag: "attachments",
      access: { action: "attachment:list", of: "team", param: "team" },
      params: TeamParams,
      query: PageQuery,
      responses: { 200: Page(Attachment) },
      async handler({ params, query }) {
        const limit = pageLimit(query);
        const { rows, nextCursor } = pageOf(await attachments.list({ team: params.team, before: query.cursor, limit: limit + 1 }), limit);
        return { items: rows.map(show), nextCursor };
      },
    }),
    route({
      method: "GET",
      url: "/api/v1/attachments/:id",
      summary: "An attachment: what it is, without its bytes",
      tag: "attachments",
      access: { action: "attachment:read", of: "attachment", param: "id" },
      params: IdParams,
      responses: { 200: Attachment },
      handler: async ({ resource }) => show(await attachments.get(resource.team, resource.id)),
    }),
    route({
      method: "GET",
      url: "/api/v1/attachments/:id/content",
      summary: "The bytes of an attachment; the ETag is their SHA-256. A PDF is a download",
      tag: "attachments",
      access: { action: "attachment:read", of: "attachment", param: "id" },
      params: IdParams,
      responses: { 200: "application/octet-stream", 304: null },
      async handler(context) {
        const { team, id } = context.resource;
        const row = await attachments.get(team, id);
        const shown = { format: row.format, name: row.name, sha256: row.sha256, sizeBytes: row.size_bytes };
        const sent = await sendAttachment({ shown, cacheControl: "private, no-cache", request: context.request, open: () => attachments.open({ blobKey: row.blob_key }) });
        if (row.format === "pdf" && sent.status === 200 && context.request.method === "GET") await attachments.recordDownload({ team, id, by: doerOf(context) });
        return sent;
      },
    }),
    route({
      method: "DELETE",
      url: "/api/v1/attachments/:id",
      summary: "Delete an attachment that no report shows",
      tag: "attachments",
      access: { action: "attachment:delete", of: "attachment", param: "id" },
      params: IdParams,
      responses: { 204: null },
      handler: (context) => attachments.delete({ team: context.resource.team, id: context.params.id, by: doerOf(context) }),
    }),
  ];
}

/** Nothing in an answer with these can run, whatever it is opened as. */
const harmless = {
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox", "x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin",
};

/** The bytes as what they are, in a way that runs no script; a PDF only as a download. */
export async function sendAttachment(options: {
  shown: Pick<Shown, "format" | "name" | "sha256" | "sizeBytes">; cacheControl: string; request: Context["request"]; open(): Promise<Readable>;
}): Promise<Answer> {
  const { shown: { format, name, sha256, sizeBytes }, request } = options;
  const etag = `"${sha256}"`;
  const headers = { ...harmless, etag, "cache-control": options.cacheControl, "content-type": mediaTypes[format], "content-disposition": dispositionOf(format === "pdf" ? "attachment" : "inline", name) };
  const known = (request.headers["if-none-match"] ?? "").split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
  if (known) return answer({ status: 304, headers });
  return answer({ status: 200, headers: { ...headers, "content-length": String(sizeBytes) }, stream: await options.open() });
}

function dispositionOf(kind: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "_");
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
}
