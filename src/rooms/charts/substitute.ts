/** How a character that a font does not have is drawn by one that it has. */
export interface Substitute {
  codePoint: number;
  /** 1, or less for a raised or lowered figure. */
  scale: number;
  /** In shares of the em, upwards. */
  rise: number;
}

const undecomposed: Record<string, string> = { ł: "l", Ł: "L", ı: "i", đ: "d", Đ: "D", ħ: "h", Ħ: "H", ŧ: "t", Ŧ: "T", ŋ: "n", Ŋ: "N" };

/** CO₂ with a small 2, Łódź with plain letters: better than boxes. Null where nothing is near. */
export function substituteFor(codePoint: number, isKnown: (codePoint: number) => boolean): Substitute | null {
  const letter = String.fromCodePoint(codePoint);
  const near = (undecomposed[letter] ?? letter.normalize("NFKD")).codePointAt(0)!;
  if (near === codePoint || !isKnown(near)) return null;
  if (codePoint >= 0x2080 && codePoint <= 0x209c) return { codePoint: near, scale: 0.62, rise: -0.12 };
  if (codePoint >= 0x2070 && codePoint <= 0x207f) return { codePoint: near, scale: 0.62, rise: 0.34 };
  return { codePoint: near, scale: 1, rise: 0 };
}
