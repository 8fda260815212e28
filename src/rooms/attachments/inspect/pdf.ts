import { getDocumentProxy } from "unpdf";
import { Problem } from "#src/base/problems/problem.ts";
import { attachmentLimits } from "../schema.ts";
import type { Inspected } from "./raster.ts";
import { damaged, tooLarge } from "./refusal.ts";

const endWithinBytes = 1_024;

/**
 * Every page of a PDF read to its end. It stays as it is: a document is not ours to rewrite. So what does more than
 * show something is refused. Throws ATTACHMENT_DAMAGED, ATTACHMENT_ACTIVE, ATTACHMENT_TOO_LARGE.
 */
export async function inspectPdf(input: Buffer): Promise<Inspected> {
  // The parser mends what is cut off or stuck together with something else; readers' programs may see another thing.
  if (!/%%EOF\s*$/.test(input.toString("latin1", Math.max(0, input.length - endWithinBytes)))) throw damaged("pdf", "it does not end as a PDF does", "PDFの終端がありません");
  const heard = listen();
  const pdf = await open(input);
  if (pdf.numPages > attachmentLimits.pdfPagesMax) throw tooLarge(attachmentLimits.pdfPagesMax, "pages");
  try {
    if (await pdf.getJSActions()) throw active("a script", "スクリプト");
    if (await pdf.getAttachments()) throw active("other files", "別のファイル");
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      await page.getOperatorList();
      if (await page.getJSActions()) throw active("a script", "スクリプト");
      const annotations = (await page.getAnnotations()) as { subtype?: string; actions?: object | null; attachment?: unknown }[];
      if (annotations.some(({ actions }) => actions && Object.keys(actions).length > 0)) throw active("a script", "スクリプト");
      if (annotations.some(({ subtype }) => /^(FileAttachment|RichMedia|Movie|Sound|Screen|3D)$/.test(subtype ?? ""))) throw active("embedded media", "埋め込みメディア");
      page.cleanup();
    }
    holdActions(input);
    const trouble = heard.find((line) => /invalid stream|flate|corrupt|unable to decode|bad (block|encoding)|jpx|jbig2|jpegimage/i.test(line));
    if (trouble !== undefined) throw damaged("pdf", trouble.replace(/^Warning: /, ""));
    return { bytes: input, small: null, width: null, height: null, pages: pdf.numPages, notes: [] };
  } catch (error) {
    throw error instanceof Problem ? error : damaged("pdf", messageOf(error));
  }
}

/** The parser goes on over a stream that cannot be unpacked and only says so; there is no other way to hear of it. */
function listen(): string[] {
  const lines: string[] = [];
  const hear = (...words: unknown[]): void => void lines.push(words.map(String).join(" ").slice(0, 300));
  console.log = hear;
  console.warn = hear;
  return lines;
}

async function open(input: Buffer): ReturnType<typeof getDocumentProxy> {
  try {
    return await getDocumentProxy(new Uint8Array(input), { stopAtErrors: true, verbosity: 1, enableXfa: false });
  } catch (error) {
    if ((error as Error).name === "PasswordException") throw damaged("pdf", "it is locked with a password", "パスワードで保護されています");
    throw damaged("pdf", messageOf(error));
  }
}

// Actions that the parser does not tell of, where they stand in plain.
function holdActions(input: Buffer): void {
  const text = input.toString("latin1");
  if (/\/S\s*\/(JavaScript|Launch|ImportData|SubmitForm)\b/.test(text)) throw active("an action", "自動実行の動作");
}

const active = (what: string, whatJa: string): Problem => new Problem("ATTACHMENT_ACTIVE", { values: { what, whatJa } });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/[^\x20-\x7e]/g, "");
