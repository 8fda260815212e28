import { promise } from "#src/rooms/trust/promise.ts";
import { checkTls } from "./checks/tls.ts";

export default promise({
  id: "TLS-1",
  section: "transit",
  kind: "enforced",
  statement: {
    en: "All data between Kliv's clients (web, desktop, iOS, Android) and its servers travels over TLS with AES encryption.",
    ja: "ウェブ、デスクトップ、iOS、Androidのクライアントとサーバーの間のデータは、すべてAESを用いたTLSで暗号化されます。",
  },
  must: {
    en: "Servers negotiate TLS 1.2 or later with AES-GCM suites and nothing weaker, and the web app carries all that it takes to be installed on desktop, iOS and Android.",
    ja: "サーバーがTLS 1.2以降とAES-GCMの暗号スイートだけで接続し、それより弱いものには応じないこと。ウェブアプリが、デスクトップ、iOS、Androidにインストールできる要件を備えていること。",
  },
  proof: {
    en: "Every TLS listener is offered each old version and each other cipher suite, one greeting after the other, and must refuse them; the manifest, its icons and the service worker are fetched and read.",
    ja: "TLSで待ち受けるすべてのポートに、古いバージョンとその他の暗号スイートを順に提示し、拒否されることを確かめます。マニフェスト、アイコン、サービスワーカーも取得して内容を確認します。",
  },
  everyHours: 24,
  check: checkTls,
});
