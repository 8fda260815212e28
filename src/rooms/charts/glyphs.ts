/** Contours of points; between two points off the curve lies one that is on it. */
export type Outline = { x: number; y: number; on: boolean }[][];

export interface GlyphTables {
  bytes: Buffer;
  glyf: number;
  loca: number;
  /** Whether loca holds 4-byte offsets. */
  long: boolean;
}

const depthMax = 5;

/** The contours of a glyph, those of composite glyphs put together. */
export function readGlyph(tables: GlyphTables, glyph: number, depth: number): Outline {
  const { bytes, glyf, loca, long } = tables;
  const start = long ? bytes.readUInt32BE(loca + glyph * 4) : bytes.readUInt16BE(loca + glyph * 2) * 2;
  const end = long ? bytes.readUInt32BE(loca + glyph * 4 + 4) : bytes.readUInt16BE(loca + glyph * 2 + 2) * 2;
  if (end <= start || depth > depthMax) return [];
  const at = glyf + start;
  const contours = bytes.readInt16BE(at);
  return contours >= 0 ? readSimple(bytes, at + 10, contours) : readComposite(tables, at + 10, depth);
}

function readSimple(bytes: Buffer, start: number, contours: number): Outline {
  let at = start;
  const ends: number[] = [];
  for (let i = 0; i < contours; i += 1, at += 2) ends.push(bytes.readUInt16BE(at));
  at += 2 + bytes.readUInt16BE(at);
  const count = contours === 0 ? 0 : ends[contours - 1]! + 1;
  const flags: number[] = [];
  while (flags.length < count) {
    const flag = bytes[at++]!;
    flags.push(flag);
    if (flag & 8) for (let repeat = bytes[at++]!; repeat > 0; repeat -= 1) flags.push(flag);
  }
  const coordinates = (short: number, same: number): number[] => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) value += flag & same ? bytes[at++]! : -bytes[at++]!;
      else if (!(flag & same)) {
        value += bytes.readInt16BE(at);
        at += 2;
      }
      return value;
    });
  };
  const xs = coordinates(2, 16);
  const ys = coordinates(4, 32);
  const outline: Outline = [];
  let from = 0;
  for (const last of ends) {
    const contour = [];
    for (let i = from; i <= last; i += 1) contour.push({ x: xs[i]!, y: ys[i]!, on: (flags[i]! & 1) === 1 });
    if (contour.length > 1) outline.push(contour);
    from = last + 1;
  }
  return outline;
}

function readComposite(tables: GlyphTables, start: number, depth: number): Outline {
  const { bytes } = tables;
  const outline: Outline = [];
  let at = start;
  let flags = 0;
  do {
    flags = bytes.readUInt16BE(at);
    const part = readGlyph(tables, bytes.readUInt16BE(at + 2), depth + 1);
    at += 4;
    const words = (flags & 1) !== 0;
    const [dx, dy] = words ? [bytes.readInt16BE(at), bytes.readInt16BE(at + 2)] : [bytes.readInt8(at), bytes.readInt8(at + 1)];
    at += words ? 4 : 2;
    let [a, b, c, d] = [1, 0, 0, 1];
    const fraction = () => bytes.readInt16BE((at += 2) - 2) / 16_384;
    if (flags & 0x08) a = d = fraction();
    else if (flags & 0x40) [a, d] = [fraction(), fraction()];
    else if (flags & 0x80) [a, b, c, d] = [fraction(), fraction(), fraction(), fraction()];
    const moved = (flags & 2) !== 0;
    for (const contour of part) {
      outline.push(contour.map(({ x, y, on }) => ({ x: a * x + c * y + (moved ? dx : 0), y: b * x + d * y + (moved ? dy : 0), on })));
    }
  } while (flags & 0x20);
  return outline;
}

/** SVG path data of quadratic curves. */
export function pathOf(outline: Outline, dx: number): string {
  let path = "";
  for (const contour of outline) {
    const count = contour.length;
    const middle = (a: { x: number; y: number }, b: { x: number; y: number }) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, on: true });
    const first = contour.findIndex((point) => point.on);
    const start = first >= 0 ? contour[first]! : middle(contour[0]!, contour[count - 1]!);
    path += `M${start.x + dx} ${start.y}`;
    for (let i = 1; i <= count; i += 1) {
      const index = (first >= 0 ? first + i : i - 1) % count;
      const point = contour[index]!;
      if (point.on) {
        path += `L${point.x + dx} ${point.y}`;
        continue;
      }
      const next = contour[(index + 1) % count]!;
      const end = next.on ? next : middle(point, next);
      path += `Q${point.x + dx} ${point.y} ${end.x + dx} ${end.y}`;
      if (next.on) i += 1;
    }
    path += "Z";
  }
  return path;
}
