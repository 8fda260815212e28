import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-7",
  section: "change",
  kind: "deployed",
  statement: {
    en: "Production servers run an operating system with long-term support, CVE lists are watched, and patches are applied in a time that fits their severity.",
    ja: "本番サーバーは長期サポート（LTS）のOSで稼働しています。CVEの情報を常に監視し、重大度に応じた期間内にパッチを適用します。",
  },
  must: {
    en: "The servers' image is an LTS release, and the patch baseline sets a deadline for each severity.",
    ja: "サーバーのイメージがLTS版であり、パッチの基準に重大度ごとの期限が定められていること。",
  },
  proof: {
    en: "The template is checked.",
    ja: "テンプレートを検査します。",
  },
  everyHours: 24,
});
