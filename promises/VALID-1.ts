import { promise } from "#src/rooms/trust/promise.ts";
import { checkFiles } from "./checks/files.ts";

export default promise({
  id: "VALID-1",
  section: "validation",
  kind: "enforced",
  statement: {
    en: "Kliv checks that files are well-formed and rejects those that do not follow their format's standard.",
    ja: "Klivはファイルの形式が正しいかを検証し、標準に準拠しないファイルを拒否します。",
  },
  must: {
    en: "Files are read by real parsers, within limits of size and depth, and SQLite files are checked whole. A refusal names file, line and reason where they are known, and nothing is half-imported.",
    ja: "ファイルを形式ごとのパーサーで大きさや深さの上限内で読み取り、SQLiteファイルは全体を検査すること。拒否の際は分かる範囲でファイル名、行、理由を示し、中途半端に取り込まれたものが残らないこと。",
  },
  proof: {
    en: "Damaged files of each format, and damaged rows for a sound one, are sent by the API to a team made for the check: each is refused in words, nothing is stored, and sound files are accepted.",
    ja: "検査用のチームに、各形式の壊れたファイルと、正しいテーブルへの壊れた行をAPIで送ります。すべてが理由付きで拒否され、何も保存されないこと、正しいファイルは受け付けられることを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 120_000,
  check: checkFiles,
});
