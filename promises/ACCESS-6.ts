import { promise } from "#src/rooms/trust/promise.ts";
import { checkPublic } from "./checks/public.ts";

export default promise({
  id: "ACCESS-6",
  section: "access",
  kind: "enforced",
  statement: {
    en: "Public data can be seen by anyone.",
    ja: "公開されたデータは、誰でも閲覧できます。",
  },
  must: {
    en: "Public reports, their data and the gallery need no account, and nothing else is open. What is published is there at once; what is withdrawn is gone at once.",
    ja: "公開されたレポートとそのデータ、ギャラリーはアカウントなしで利用でき、それ以外は一切公開されないこと。公開は直ちに反映され、取り下げは直ちに消えること。",
  },
  proof: {
    en: "Every address that the API describes is called without signing in, with the ids of private things; a report is published, found, withdrawn and looked for again; and the gallery and its pages, followed link by link, are held against the list of publications.",
    ja: "APIが定義するすべてのアドレスを、サインインせずに非公開のデータのIDで呼び出します。さらにレポートを公開して見つかること、取り下げて消えることを確かめ、ギャラリーとそのページをリンクでたどり、公開一覧と照合します。",
  },
  everyHours: 24,
  timeoutMs: 120_000,
  check: checkPublic,
});
