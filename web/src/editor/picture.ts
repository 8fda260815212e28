import { reportLimits } from "#src/rooms/reports/schema.ts";
import { Problem } from "../api/api.ts";
import { currentWords } from "../words/language.ts";

const widthsPixels = [2_000, 1_400, 1_000, 700];
const quality = 0.86;

/** A picture as a data: address of at most the size that a report takes; larger ones are drawn smaller. Throws Problem. */
export async function readPicture(file: File): Promise<string> {
  const fits = (blob: Blob): boolean => blob.size <= reportLimits.pictureBytesMax;
  if ((file.type === "image/png" || file.type === "image/jpeg") && fits(file) && (await isPicture(file))) return await addressOf(file);
  const image = await open(file);
  // What was a photograph stays one; anything else keeps its sharp edges while it can.
  for (const type of file.type === "image/jpeg" ? ["image/jpeg"] : ["image/png", "image/jpeg"]) {
    for (const widest of widthsPixels) {
      const blob = await draw(image, { width: Math.min(widest, image.width || widest), type });
      if (fits(blob)) return await addressOf(blob);
    }
  }
  throw new Problem({ code: "PICTURE", title: currentWords().editor.pictureTooBig });
}

const isPicture = (file: File): Promise<boolean> => createImageBitmap(file).then((bitmap) => { bitmap.close(); return true; }, () => false);

async function open(file: File): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  } catch {
    throw new Problem({ code: "PICTURE", title: currentWords().editor.pictureUnreadable });
  } finally {
    URL.revokeObjectURL(address);
  }
}

async function draw(source: HTMLImageElement, { width, type }: { width: number; type: string }): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, Math.round(((source.height || width) / (source.width || width)) * width));
  const context = canvas.getContext("2d")!;
  // JPEG has no transparency: what shows through is the paper.
  if (type === "image/jpeg") {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Problem({ code: "PICTURE", title: currentWords().editor.pictureUnreadable }))), type, quality));
}

function addressOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Problem({ code: "PICTURE", title: currentWords().editor.pictureUnreadable }));
    reader.readAsDataURL(blob);
  });
}
