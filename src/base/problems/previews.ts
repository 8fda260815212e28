import { entries } from "./entry.ts";

/** Looking at a file before it is imported, and what is decided about it. */
export const previewProblems = entries({
  FILE_CELL_TYPE: {
    status: 422,
    title: { en: "A cell is not of the type chosen for its column", ja: "選択した列の型に合わない値があります" },
    detail: {
      en: '{where}: "{value}" in the column {name} is not {type}. Choose another type for the column (text takes everything), have such cells left empty, or correct the file; nothing was stored.',
      ja: "{whereJa}、列「{name}」の値「{value}」は{typeJa}として読み取れません。列の型を変更する（文字列ならすべて取り込めます）、合わない値を空にする、ファイルを修正する、のいずれかを行ってください。何も保存していません。",
    },
  },
  FILE_TABLE_FIXED: {
    status: 422,
    title: { en: "The columns of this table cannot be corrected", ja: "このテーブルの列は修正できません" },
    detail: {
      en: "{table} comes from a database and has keys, indexes or triggers of its own, which would be lost. It can be renamed or left out; nothing was stored.",
      ja: "「{table}」はデータベースのテーブルで、キー、索引、トリガーを持っています。列を修正するとそれらが失われます。名前の変更と除外はできます。何も保存していません。",
    },
  },
  CHOICES_LEAVE_NOTHING: {
    status: 422,
    title: { en: "Nothing of the file is left", ja: "取り込む列やテーブルがありません" },
    detail: {
      en: "All columns or all tables are left out. Keep at least one.",
      ja: "すべての列、またはすべてのテーブルが除外されています。1つ以上残してください。",
    },
  },
  URL_ANSWERED: {
    status: 422,
    title: { en: "The address did not answer with a file", ja: "指定したURLからファイルを取得できませんでした" },
    detail: {
      en: "{host} answered with status {status}. Check the address, and whether the file is open to everyone who has it; nothing was stored.",
      ja: "{host} の応答はステータス {status} でした。URLが正しいか、ログインなしで取得できるファイルかを確認してください。何も保存していません。",
    },
  },
  SOURCE_INVALID: {
    status: 422,
    title: { en: "This S3 object cannot be named so", ja: "S3オブジェクトの指定が正しくありません" },
    detail: {
      en: "The endpoint is an https address without a path (https://s3.ap-northeast-1.amazonaws.com), the key has no empty parts and no dots alone, and access key and secret come together or not at all.",
      ja: "エンドポイントはパスのない https のURL（https://s3.ap-northeast-1.amazonaws.com など）、キーは空の部分や「.」「..」だけの部分を含まないもの、アクセスキーとシークレットは両方指定するか両方省略してください。",
    },
  },
  SOURCE_MISSING: {
    status: 404,
    title: { en: "This database is refreshed from nowhere", ja: "取得元が設定されていません" },
    detail: { en: "No address or object is set for it. Set one first.", ja: "このデータベースには、更新元のURLやS3オブジェクトが設定されていません。先に設定してください。" },
  },
  SOURCE_BUSY: {
    status: 409,
    title: { en: "A refresh is under way", ja: "更新処理の途中です" },
    detail: { en: "It was queued or has begun. Wait until it has ended.", ja: "更新は順番待ち、または実行中です。終わるまでお待ちください。" },
  },
  PREVIEW_BUSY: {
    status: 409,
    title: { en: "This file is being imported", ja: "このファイルは取り込み中です" },
    detail: {
      en: "Its import is queued or running. Wait for it to end, or cancel the job first.",
      ja: "取り込みの順番待ち、または実行中です。終わるのを待つか、先にジョブを取り消してください。",
    },
  },
  PREVIEWS_TOO_MANY: {
    status: 409,
    title: { en: "Too many files wait for their import", ja: "取り込み待ちのファイルが多すぎます" },
    detail: {
      en: "A team has at most {max} files that were uploaded to be looked at. Import or discard some of them first; after a day they go by themselves.",
      ja: "確認待ちのファイルは、チームごとに最大 {max} 件です。先にいくつか取り込むか破棄してください。1日経つと自動的に削除されます。",
    },
  },
});
