import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-2",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "Deleted data stays in encrypted backups until their 90 days have passed, and is then destroyed.",
    ja: "削除されたデータは、90日の保持期間が過ぎて破棄されるまで、暗号化されたバックアップに残ります。",
  },
  must: {
    en: "A backup older than 90 days is destroyed, and none is destroyed earlier than promised.",
    ja: "90日を過ぎたバックアップが破棄され、約束より早く破棄されることもないこと。",
  },
  proof: {
    en: "A test moves the clock to day 89 and day 91.",
    ja: "テストで時計を89日目と91日目に進めて確かめます。",
  },
  everyHours: 24,
});
