/* How a record of SQLite stores numbers: https://sqlite.org/fileformat2.html, 2.1 "Record Format". */

/** Bytes of the values of serial types 0 to 9. */
export const numberBytes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

/** The shortest way to store a number. Whole ones are integers also in a REAL column, as SQLite does it itself. */
export function serialOf(value: number): number {
  if (value === 0) return Object.is(value, -0) ? 7 : 8;
  if (value === 1) return 9;
  if (value !== Math.floor(value)) return 7;
  const size = value < 0 ? -value - 1 : value;
  if (size < 0x80) return 1;
  if (size < 0x8000) return 2;
  if (size < 0x800000) return 3;
  if (size < 0x80000000) return 4;
  if (size < 2 ** 47) return 5;
  return size < 2 ** 53 ? 6 : 7;
}

const float = new DataView(new ArrayBuffer(8));

/** Big-endian, as serial types 1 to 7 are. Answers the place after it. */
export function writeNumber(target: Buffer, at: number, serial: number, value: number): number {
  const length = numberBytes[serial]!;
  if (serial === 7) {
    float.setFloat64(0, value);
    for (let k = 0; k < 8; k++) target[at + k] = float.getUint8(k);
    return at + 8;
  }
  if (serial <= 4) {
    for (let k = length - 1, rest = value | 0; k >= 0; k--, rest >>= 8) target[at + k] = rest & 255;
    return at + length;
  }
  const high = Math.floor(value / 2 ** 32);
  const low = value - high * 2 ** 32;
  for (let k = length - 5, rest = high; k >= 0; k--, rest = Math.floor(rest / 256)) target[at + k] = rest & 255;
  for (let k = 0; k < 4; k++) target[at + length - 4 + k] = Math.floor(low / 2 ** (24 - 8 * k)) & 255;
  return at + length;
}
