import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "DR-2",
  section: "continuity",
  kind: "deployed",
  statement: {
    en: "If a whole AWS region is lost, automation rebuilds the servers, and Kliv aims to lose at most 24 hours of data.",
    ja: "AWSのリージョン全体が失われた場合は、自動化された構成システムでサーバーを再構築します。データの損失を最大24時間に抑えることを目標としています。",
  },
  must: {
    en: "A second region holds copies, and one command rebuilds from them.",
    ja: "別のリージョンに複製があり、一つのコマンドで再構築できること。",
  },
  proof: {
    en: "A drill rebuilds from the copy alone.",
    ja: "訓練で、複製だけから再構築します。",
  },
  everyHours: 24,
});
