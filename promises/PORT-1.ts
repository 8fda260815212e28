import { promise } from "#src/rooms/trust/promise.ts";
import { checkExport } from "./checks/export.ts";

export default promise({
  id: "PORT-1",
  section: "portability",
  kind: "enforced",
  statement: {
    en: "Authorized users can export report definitions, user information and metadata as JSON through the REST API.",
    ja: "認可されたユーザーは、レポート定義、ユーザー情報、メタデータをREST APIからJSON形式でエクスポートできます。",
  },
  must: {
    en: "The whole workspace is exported in a documented, versioned shape and in a stable order, and importing it elsewhere gives the same workspace.",
    ja: "ワークスペース全体が、文書化され版の付いた形式で、安定した順序でエクスポートされること。別の場所に取り込むと同じワークスペースになること。",
  },
  proof: {
    en: "A workspace is exported, imported into an empty team and exported again: but for the new ids, the two files are the same byte for byte.",
    ja: "ワークスペースをエクスポートし、空のチームに取り込んで再びエクスポートします。新しく振られたIDを除き、2つのファイルが1バイトも違わないことを確かめます。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkExport,
});
