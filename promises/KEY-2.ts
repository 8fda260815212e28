import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "KEY-2",
  section: "keys",
  kind: "enforced",
  statement: {
    en: "Encryption keys that our team manages are kept only in the production backup environment and are managed by our SRE team.",
    ja: "私たちのチームが管理する暗号化鍵は、本番バックアップ環境の外には保存されず、SREチームが管理しています。",
  },
  must: {
    en: "Backup keys come from the key service at the moment of use and are never in the application's configuration, database, logs or dumps. After a rotation, old backups can still be read.",
    ja: "バックアップの鍵は使うときに鍵管理サービスから取得され、アプリケーションの設定、データベース、ログ、ダンプに残らないこと。鍵を更新した後も古いバックアップを読めること。",
  },
  proof: {
    en: "The application's role fails to decrypt; a key is rotated and an older backup restored.",
    ja: "アプリケーションのロールでは復号できないこと、鍵の更新後に古いバックアップを復元できることを確かめます。",
  },
  everyHours: 24,
});
