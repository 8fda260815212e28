import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "KEY-1",
  section: "keys",
  kind: "inherited",
  statement: {
    en: "The encryption keys of attachments kept in S3 are managed by Amazon.",
    ja: "S3に保存された添付ファイルの暗号化鍵は、Amazonが管理しています。",
  },
  must: {
    en: "Objects use server-side encryption with keys that the provider manages.",
    ja: "オブジェクトが、提供元の管理する鍵によるサーバーサイド暗号化を使うこと。",
  },
  proof: {
    en: "The template is checked.",
    ja: "テンプレートを検査します。",
  },
  everyHours: 168,
});
