import { checkLogs } from "./checks/logs.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOG-2",
  section: "logging",
  kind: "enforced",
  statement: {
    en: "Logs of API calls and of the application are kept at least 30 days, hold no full tokens and no user content, and can be read only by employees whose role calls for it.",
    ja: "API呼び出しとアプリケーションのログは少なくとも30日間保持されます。完全なトークンやユーザーのコンテンツは含まれず、役職に応じて認可された従業員だけが閲覧できます。",
  },
  must: {
    en: "Only listed fields are ever logged, logs are kept at least 30 days, and reading them takes a staff role.",
    ja: "記録されるのは一覧に定めた項目だけであること。ログが30日以上保持され、閲覧には担当者の役割が必要であること。",
  },
  proof: {
    en: "The logs of the whole test run are searched for every token, password, mail text and known cell.",
    ja: "テスト全体のログから、トークン、パスワード、メール本文、既知のセルの値が見つからないことを確かめます。",
  },
  everyHours: 24,
  check: (context) => checkLogs(context),
});
