/** Safe in text and in a quoted attribute of XML and HTML; characters that XML does not know are left out. */
export function escapeText(text: string): string {
  return xmlText(text)
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** Without the characters that XML does not know: one of them would spoil the whole picture. */
export function xmlText(text: string): string {
  return text.toWellFormed().replace(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, "");
}
