import { inflateSync } from "node:zlib";

export interface Pixels {
  width: number;
  height: number;
  /** Four bytes a pixel: red, green, blue, opacity. */
  data: Buffer;
}

/** The pixels of a PNG of 8 bits with opacity, not interlaced: what our own pictures are. */
export function readPng(png: Buffer): Pixels {
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png.subarray(24, 29).toString("hex")];
  if (kind !== "0806000000") throw new Error(`a PNG of the kind ${kind} is not read here`);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const row = width * 4;
  const data = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)] ?? 0;
    for (let x = 0; x < row; x++) {
      const [left, up, corner] = [x >= 4 ? data[y * row + x - 4] : 0, y > 0 ? data[(y - 1) * row + x] : 0, x >= 4 && y > 0 ? data[(y - 1) * row + x - 4] : 0] as [number, number, number];
      data[y * row + x] = (raw[y * (row + 1) + 1 + x] ?? 0) + predict(filter, left, up, corner);
    }
  }
  return { width, height, data };
}

// The five filters of the PNG specification.
function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return Math.floor((left + up) / 2);
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** Where something is drawn, pixel by pixel, as a text of 0 and 1: what differs from the ground at the upper left. */
export function inkOf(png: Buffer): string {
  const { data } = readPng(png);
  let ink = "";
  for (let i = 0; i < data.length; i += 4) ink += [0, 1, 2].some((one) => Math.abs((data[i + one] ?? 0) - (data[one] ?? 0)) > 60) ? "1" : "0";
  return ink;
}

/** A whole PNG of one pixel. */
export const onePixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
