import { Type } from "typebox";
import type { Static } from "typebox";

export const formats = ["png", "jpeg", "svg", "pdf"] as const;
export type Format = (typeof formats)[number];

export const mediaTypes: Record<Format, string> = { png: "image/png", jpeg: "image/jpeg", svg: "image/svg+xml", pdf: "application/pdf" };

const Pixels = Type.Union([Type.Integer(), Type.Null()]);

/** A picture or a document of a team, for its reports. */
export const Attachment = Type.Object({
  id: Type.String(),
  team: Type.String(),
  name: Type.String(),
  format: Type.Union(formats.map((format) => Type.Literal(format))),
  sizeBytes: Type.Integer(),
  /** Of what is served, which is not what was sent: pictures are encoded anew. */
  sha256: Type.String(),
  /** Null for a PDF. */
  width: Pixels,
  height: Pixels,
  /** Of a PDF. */
  pages: Pixels,
  /** What was changed: "metadata", "resized", "animation", "removed" with the names of what an SVG lost. */
  notes: Type.Array(Type.Object({ code: Type.String(), names: Type.Optional(Type.Array(Type.String())) })),
  createdAt: Type.String(),
  createdBy: Type.Union([Type.String(), Type.Null()]),
});

export type Note = Static<typeof Attachment>["notes"][number];

export const attachmentLimits = {
  uploadBytesMax: 20 * 1024 ** 2,
  attachmentsMax: 10_000,
  nameCharactersMax: 200,
  /** A picture is decoded whole: this bounds its memory, whatever its file says. */
  decodedPixelsMax: 50_000_000,
  /** Longer pictures are made smaller; no page shows more. */
  edgePixelsMax: 4_096,
  /** Of the small copy that report pictures are drawn with. */
  smallEdgePixels: 1_200,
  svgBytesMax: 2 * 1024 ** 2,
  svgElementsMax: 20_000,
  svgDepthMax: 100,
  pdfPagesMax: 500,
};
