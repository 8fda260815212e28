import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "BACKUP-5",
  section: "backup",
  kind: "enforced",
  statement: {
    en: "All backups stay within AWS. Only authorized operations staff can reach the backup process, and it is monitored.",
    ja: "すべてのバックアップはAWS内に保管されます。バックアップの工程にアクセスできるのは認可された運用担当者だけで、その動作は監視されています。",
  },
  must: {
    en: "Backups have a role and a bucket of their own, and duration, size and outcome of each run are recorded.",
    ja: "バックアップ専用のロールとバケットがあり、実行ごとに所要時間、サイズ、結果が記録されること。",
  },
  proof: {
    en: "The application's role is refused.",
    ja: "アプリケーションのロールでは拒否されることを確かめます。",
  },
  everyHours: 24,
});
