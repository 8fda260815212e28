import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CORP-2",
  section: "corporate",
  kind: "operated",
  statement: {
    en: "Staff workstations lock within one minute of sleep or screen saver, and Windows and macOS machines used for production access run real-time anti-virus updated at least daily.",
    ja: "従業員のワークステーションは、スリープまたはスクリーンセーバーの開始から1分以内にロックされます。本番環境への接続に使うWindowsとmacOSの端末では、毎日以上更新されるウイルス対策ソフトがリアルタイムで動作しています。",
  },
  must: {
    en: "A register of devices holds regular reports of lock time, anti-virus, its age and disk encryption; a device that is out of date gets no certificate.",
    ja: "端末の台帳に、ロックまでの時間、ウイルス対策ソフトとその更新日、ディスク暗号化の定期報告があり、条件を満たさない端末には証明書が発行されないこと。",
  },
  proof: {
    en: "A report older than a day leads to a refusal in a test.",
    ja: "1日より古い報告では発行が拒否されることをテストで確かめます。",
  },
  everyHours: 24,
});
