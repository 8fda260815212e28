import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "CHANGE-2",
  section: "change",
  kind: "enforced",
  statement: {
    en: "Production code is scanned for vulnerabilities automatically and regularly.",
    ja: "本番のコードは、自動化された脆弱性スキャンを定期的に受けています。",
  },
  must: {
    en: "Dependencies and the list of components are scanned at every change and, on a schedule, as they run.",
    ja: "依存関係と部品表が、変更のたびに、また稼働中の版について定期的にスキャンされること。",
  },
  proof: {
    en: "A dependency with a known vulnerability is planted and must be found.",
    ja: "既知の脆弱性を持つ依存関係を混ぜ、検出されることを確かめます。",
  },
  everyHours: 24,
});
