import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "PHYS-2",
  section: "physical",
  kind: "operated",
  statement: {
    en: "People with privileged access must not keep production-critical data on physical media outside the hosting provider's production environment.",
    ja: "特権アクセスを持つ者は、ホスティング事業者の本番環境の外で、本番の重要データを物理メディアに保存してはなりません。",
  },
  must: {
    en: "Each authorized person confirms this once a year; without it they get no access.",
    ja: "認可担当者一人ひとりが毎年これを確認し、確認がなければアクセスできないこと。",
  },
  proof: {
    en: "A test leaves a confirmation out; the certificate is refused.",
    ja: "テストで確認の記録を欠けさせ、証明書の発行が拒否されることを確かめます。",
  },
  everyHours: 24,
});
