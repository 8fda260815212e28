import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "BACKUP-6",
  section: "backup",
  kind: "enforced",
  statement: {
    en: "Encrypted backup files are destroyed after 90 days.",
    ja: "暗号化されたバックアップファイルは、90日後に破棄されます。",
  },
  must: {
    en: "A backup past its 90 days is destroyed and the destruction is recorded.",
    ja: "90日を過ぎたバックアップが破棄され、破棄が記録されること。",
  },
  proof: {
    en: "A test moves the clock.",
    ja: "テストで時計を進めて確かめます。",
  },
  everyHours: 24,
});
