/** A passage of a text, with the blank lines behind it, as it stands in both versions or in one of them. */
export interface Passage {
  is: "same" | "added" | "removed";
  text: string;
}

/** Of the table that finds the most that two texts have in common; beyond it the differing parts stand as a whole. */
const cellsMax = 1_000_000;

/**
 * What is different between two texts in Markdown, passage by passage: paragraphs, headings, tables and single items of a
 * list. Neighbours of the same kind come as one. The new text is what is the same and what is added, in order.
 */
export function compareTexts(before: string, after: string): Passage[] {
  const [old, now] = [passagesOf(before), passagesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && isSame(old[start]!, now[start]!)) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && isSame(old.at(-1 - end)!, now.at(-1 - end)!)) end += 1;
  const changed = compareMiddle(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const same = (texts: string[]): Passage[] => texts.map((text) => ({ is: "same", text }));
  return join([...same(now.slice(0, start)), ...changed, ...same(now.slice(now.length - end))]);
}

const isSame = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd();

/** Cut behind blank lines, and before each item of a list at the margin. */
function passagesOf(text: string): string[] {
  return text.split(/(?<=\n\n)(?!\n)|(?<=\n)(?=(?:[-*+]|\d{1,9}[.)]) )/).filter((one) => one.trim() !== "");
}

function compareMiddle(old: string[], now: string[]): Passage[] {
  const removed = (text: string): Passage => ({ is: "removed", text });
  const added = (text: string): Passage => ({ is: "added", text });
  if (old.length * now.length > cellsMax) return [...old.map(removed), ...now.map(added)];
  // How much is in common from each pair of places on (the longest common subsequence).
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = isSame(old[i]!, now[j]!) ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const passages: Passage[] = [];
  for (let i = 0, j = 0; i < old.length || j < now.length;) {
    const at = i * width + j;
    if (i < old.length && j < now.length && isSame(old[i]!, now[j]!)) {
      passages.push({ is: "same", text: now[j]! });
      i += 1;
      j += 1;
    } else if (j === now.length || (i < old.length && common[at + width]! >= common[at + 1]!)) passages.push(removed(old[i++]!));
    else passages.push(added(now[j++]!));
  }
  return passages;
}

function join(passages: Passage[]): Passage[] {
  const joined: Passage[] = [];
  for (const { is, text } of passages) {
    const last = joined.at(-1);
    // What stood at the end of its text brings no blank line with it.
    if (last?.is === is) last.text += last.text.endsWith("\n") ? text : `\n\n${text}`;
    else joined.push({ is, text });
  }
  return joined;
}
