import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "HOST-2",
  section: "hosting",
  kind: "inherited",
  statement: {
    en: "AWS, which hosts Kliv, is certified under ISO/IEC 27001, 27017 and 27018, is a PCI DSS 3.2 Level 1 service provider, and is audited for SOC 1, SOC 2 and SOC 3.",
    ja: "Klivを支えるAWSは、ISO/IEC 27001・27017・27018の認証を取得し、PCI DSS 3.2 Level 1サービスプロバイダーとして認定され、SOC 1・SOC 2・SOC 3の監査を受けています。",
  },
  must: {
    en: "Each attestation is on record with what it covers, where it comes from and until when it is valid; one that has run out counts as broken.",
    ja: "各認証について、対象範囲、出典、有効期限が記録されていること。期限が切れたものは「守られていない」と扱われること。",
  },
  proof: {
    en: "The record is read against today's date, and a test plants an attestation that has expired.",
    ja: "記録を今日の日付と照合します。テストでは期限切れの認証を意図的に混ぜて検出できることを確かめます。",
  },
  everyHours: 168,
});
