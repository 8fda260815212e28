import { promise } from "#src/rooms/trust/promise.ts";
import { checkEnvironments } from "./checks/environments.ts";

export default promise({
  id: "ENV-1",
  section: "environments",
  kind: "enforced",
  statement: {
    en: "Production, staging and development are kept apart.",
    ja: "本番、ステージング、開発の環境は互いに分離されています。",
  },
  must: {
    en: "Every database, bucket, backup and key knows which environment it belongs to, and a process of another environment refuses to start on it or restore from it.",
    ja: "データベース、バケット、バックアップ、鍵のそれぞれが所属する環境の情報を持ち、別の環境のプロセスはそれを使った起動も復元も拒むこと。",
  },
  proof: {
    en: "A staging process is pointed at production's stores: it ends with a clear error before it reads anything.",
    ja: "ステージングのプロセスに本番の保存先を指定し、何も読み込まずに明確なエラーで終了することを確かめます。",
  },
  everyHours: 24,
  check: checkEnvironments,
});
