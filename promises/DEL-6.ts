import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DEL-6",
  section: "deletion",
  kind: "enforced",
  statement: {
    en: "Personal data may be kept where there is a business or legal reason: billing records, why an account was deleted, or a legal inquiry.",
    ja: "請求記録、アカウントが削除された理由の記録、訴訟などの法的な照会といった、正当な業務上または法的な目的がある場合は、個人情報を保持することがあります。",
  },
  must: {
    en: "Each reason for keeping data has a name and an end, and is shown to those concerned where the law allows.",
    ja: "保持の理由にはそれぞれ名称と終了日があり、法律上可能な範囲で当人に表示されること。",
  },
  proof: {
    en: "A hold stops an erasure and says that it did.",
    ja: "保持の指定があると消去が止まり、その旨が示されることを確かめます。",
  },
  everyHours: 24,
});
