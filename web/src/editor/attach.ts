import { attachmentLimits } from "#src/rooms/attachments/schema.ts";
import { Problem, call } from "../api/api.ts";
import type { Attachment } from "../api/types.ts";
import { currentWords } from "../words/language.ts";

/** What the server takes as it is; other pictures that the browser can show are drawn as a PNG first. */
const taken = new Set(["image/png", "image/jpeg", "image/svg+xml", "application/pdf"]);

/** What a file dialog offers. */
export const attachable = "image/*,application/pdf";
export const isAttachable = ({ type }: File): boolean => type.startsWith("image/") || type === "application/pdf";

/** Attaches a file to the team. Throws Problem. */
export async function attach(team: string, file: File): Promise<Attachment> {
  const blob = taken.has(file.type) ? file : await redrawn(file);
  const name = blob === file ? file.name : `${file.name.replace(/\.[^.]+$/, "")}.png`;
  return await call<Attachment>(`/api/v1/teams/${encodeURIComponent(team)}/attachments`, { method: "POST", bytes: blob, headers: { "X-Filename": encodeURIComponent(name) } });
}

async function redrawn(file: File): Promise<Blob> {
  const unreadable = (): Problem => new Problem({ code: "PICTURE", title: currentWords().editor.pictureUnreadable });
  const bitmap = await createImageBitmap(file).catch(() => Promise.reject(unreadable()));
  const scale = Math.min(1, attachmentLimits.edgePixelsMax / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))];
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(unreadable())), "image/png"));
}

/** The address of an attachment's bytes, for the team. */
export const contentOf = (id: string): string => `/api/v1/attachments/${encodeURIComponent(id)}/content`;
