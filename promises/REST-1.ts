import { promise } from "#src/rooms/trust/promise.ts";

export default promise({
  id: "REST-1",
  section: "at_rest",
  kind: "deployed",
  statement: {
    en: "The data drives of servers that hold user data use full-disk AES encryption.",
    ja: "ユーザーデータを保持するサーバーのデータドライブは、ディスク全体がAESで暗号化されています。",
  },
  must: {
    en: "Every volume of the deployment is encrypted, and each node reports at start whether its own data volume is, so that this page can tell the truth about it.",
    ja: "構成内のすべてのボリュームが暗号化されていること。各ノードが起動時に自分のデータボリュームの状態を報告し、このページが事実どおりに表示すること。",
  },
  proof: {
    en: "The template is checked, and an unencrypted volume shows red rather than green.",
    ja: "テンプレートを検査し、暗号化されていないボリュームが「守られている」と表示されないことを確かめます。",
  },
  everyHours: 24,
});
