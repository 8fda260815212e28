import { refuse } from "./refuse.ts";
import type { ImportRequest } from "./run.ts";

/** An OLE container: an old Excel file, or a new one that is locked by a password. */
export function refuseOle({ fileName }: ImportRequest, head: Buffer): Error {
  const isLocked = head.includes(Buffer.from("EncryptedPackage", "utf16le")) || head.includes(Buffer.from("EncryptionInfo", "utf16le")) || /\.xls[xm]$/i.test(fileName);
  return refuse(isLocked ? "FILE_ENCRYPTED" : "FILE_EXCEL_OLD");
}
