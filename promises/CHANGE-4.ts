import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-4",
  section: "change",
  kind: "enforced",
  statement: {
    en: "Updates to the web client are rolled out step by step, normally several times a week.",
    ja: "ウェブクライアントの更新は、通常、週に数回、段階的に配信されます。",
  },
  must: {
    en: "A rolling restart fails no request, and an open page picks up the new version without losing work.",
    ja: "順次再起動の間にリクエストが一つも失敗せず、開いているページは作業を失わずに新しい版に切り替わること。",
  },
  proof: {
    en: "Load runs through a rolling restart without a single failure.",
    ja: "負荷をかけながら順次再起動し、失敗が0件であることを確かめます。",
  },
  everyHours: 24,
});
