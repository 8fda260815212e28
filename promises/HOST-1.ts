import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "HOST-1",
  section: "hosting",
  kind: "deployed",
  statement: {
    en: "Kliv's production service runs on Amazon Web Services, on EC2.",
    ja: "Klivの本番サービスはAmazon Web Services（AWS）のEC2上で稼働しています。",
  },
  must: {
    en: "One AWS deployment is described in TypeScript and can be built without a network: application servers in an EC2 Auto Scaling group behind a network load balancer, with PostgreSQL and S3 behind them.",
    ja: "AWS環境全体がTypeScriptで定義され、ネットワークなしでも生成できること。ネットワークロードバランサーの背後にEC2 Auto Scalingグループのアプリケーションサーバーがあり、その先にPostgreSQLとS3があること。",
  },
  proof: {
    en: "The generated template is held against assertions and public security rule sets; any rule that is switched off carries a written reason.",
    ja: "生成したテンプレートを検証項目と公開のセキュリティルール集で検査し、除外したルールにはすべて理由が書かれていることを確認します。",
  },
  everyHours: 24,
});
