import { promise } from "#src/rooms/trust/promise.ts";
import { checkPlain } from "./checks/plain.ts";

export default promise({
  id: "TLS-2",
  section: "transit",
  kind: "enforced",
  statement: {
    en: "There is no way to connect to Kliv without TLS. Every connection is made over HTTPS.",
    ja: "TLSを使わずにKlivに接続する方法はありません。すべての接続はHTTPSで行われます。",
  },
  must: {
    en: "No port listens in the clear except one that only redirects to HTTPS. Cookies are marked Secure, a public host sends HSTS, and outgoing connections to mail, database and object store verify TLS.",
    ja: "HTTPSへの転送だけを行うポートを除き、平文で待ち受けるポートがないこと。CookieにSecure属性が付き、公開ホストではHSTSを送り、メール、データベース、オブジェクトストアへの外向きの接続がTLSを検証すること。",
  },
  proof: {
    en: "The operating system is asked for every port on which Kliv's processes listen, and each is called in plain HTTP; headers, cookies and outgoing settings are read.",
    ja: "Klivの全プロセスが待ち受けるポートをOSに問い合わせ、一つずつ平文のHTTPで呼び出します。あわせてヘッダー、Cookie、外向き接続の設定を確認します。",
  },
  everyHours: 24,
  timeoutMs: 60_000,
  check: checkPlain,
});
