import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CORP-3",
  section: "corporate",
  kind: "stated",
  isAbsence: true,
  statement: {
    en: "Kliv has no clean-desk policy.",
    ja: "Klivにはクリーンデスクポリシーはありません。",
  },
  must: {
    en: "This page says so and does not present it as something promised.",
    ja: "このページにその旨が記載され、約束として扱われないこと。",
  },
  proof: {
    en: "Shown here as not promised.",
    ja: "このページに「約束していない」と表示されています。",
  },
  everyHours: 168,
});
