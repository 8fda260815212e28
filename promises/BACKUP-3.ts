import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "BACKUP-3",
  section: "backup",
  kind: "stated",
  statement: {
    en: "A part of the data cannot be restored from the shared backups. Customers who need a complete record of their own should export often or connect a DLP tool through the API.",
    ja: "共有のバックアップから一部のデータだけを復元することはできません。完全な記録を必要とするお客様には、頻繁なエクスポート、またはAPIによるDLPツールの接続をお勧めします。",
  },
  must: {
    en: "A workspace can be exported on a schedule to the customer's own bucket, and a DLP tool receives signed events, scans content by the API and can hold a publication back.",
    ja: "ワークスペースをお客様自身のバケットに定期的にエクスポートできること。DLPツールが署名付きの通知を受け、APIで内容を検査し、公開を保留できること。",
  },
  proof: {
    en: "A small DLP client from the documentation is run in a test.",
    ja: "文書に掲載した小さなDLPクライアントをテストで実行します。",
  },
  everyHours: 168,
});
