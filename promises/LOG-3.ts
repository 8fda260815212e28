import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "LOG-3",
  section: "logging",
  kind: "deployed",
  statement: {
    en: "Application logs are collected in Amazon CloudWatch and kept there at least 30 days.",
    ja: "アプリケーションのログは、監視と分析のためにAmazon CloudWatchに集められ、少なくとも30日間保持されます。",
  },
  must: {
    en: "The deployment has a log group with that retention, with metrics and alarms on it.",
    ja: "構成に、その保持期間を持つロググループと、それに対するメトリクスおよびアラームがあること。",
  },
  proof: {
    en: "The template is checked.",
    ja: "テンプレートを検査します。",
  },
  everyHours: 24,
});
