import { checkOutbound } from "./checks/outbound.ts";
import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "THIRD-1",
  section: "third_parties",
  kind: "enforced",
  statement: {
    en: "User data may be shared with service providers, such as e-mail addresses with the e-mail provider, in line with the privacy policy and your agreement.",
    ja: "ユーザーデータは、プライバシーポリシーと契約に従い、サービスプロバイダーと共有されることがあります（例：メール配信事業者へのメールアドレスの提供）。",
  },
  must: {
    en: "A register names each provider, what it is for and which fields it receives, and no call leaves Kliv except through an adapter on that register.",
    ja: "提供先、目的、渡す項目が台帳に記載され、台帳に載ったアダプターを通さずに外部への通信が行われないこと。",
  },
  proof: {
    en: "A connection to a host that is not on the register fails a test.",
    ja: "台帳にないホストへ接続すると、テストが失敗することを確かめます。",
  },
  everyHours: 24,
  check: checkOutbound,
});
