import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "NET-2",
  section: "network",
  kind: "deployed",
  statement: {
    en: "From the public internet, only ports 443 and 80 of the load balancer can be reached.",
    ja: "インターネットから到達できるのは、ロードバランサーの443番と80番のポートだけです。",
  },
  must: {
    en: "Port 443 serves Kliv; port 80 does nothing but send browsers to port 443.",
    ja: "443番ポートがKlivを提供し、80番ポートは443番への転送だけを行うこと。",
  },
  proof: {
    en: "The template is checked for any other opening, and the running service is probed from outside.",
    ja: "テンプレートにほかの入口がないことを検査し、稼働中のサービスを外側から調べます。",
  },
  everyHours: 24,
});
