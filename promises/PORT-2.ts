import { promise } from "#src/rooms/trust/promise.ts";
import { checkDownload } from "./checks/download.ts";

export default promise({
  id: "PORT-2",
  section: "portability",
  kind: "enforced",
  statement: {
    en: "Databases that Kliv hosts can be downloaded through the API and are kept in the standard SQLite format.",
    ja: "Klivに置かれたデータベースは、業界標準のSQLite形式で保存され、APIからダウンロードできます。",
  },
  must: {
    en: "A download is streamed, can be resumed, carries its checksum, and opens in any SQLite.",
    ja: "ダウンロードが途中から再開でき、チェックサムが付き、どのSQLiteでも開けること。",
  },
  proof: {
    en: "A database made for the check is downloaded whole and in pieces, compared by SHA-256 with what was stored, opened with SQLite, put through its integrity check, and its rows read.",
    ja: "検査用のデータベースを一括と分割の両方でダウンロードし、SHA-256を保存時のものと比較します。さらにSQLiteで開いて整合性を検査し、行を読み取ります。",
  },
  everyHours: 24,
  check: checkDownload,
});
