import type { Words } from "../en.ts";

export const indexes: Words["indexes"] = {
  title: "検索を速くする",
  text: "過去30日間の問い合わせから、役立つインデックスを見つけます。写しの上で実際に測定し、適用するまで何も変更しません。",
  look: "速くする方法を調べる",
  looking: "写しの上で測定しています。1分ほどかかることがあります…",
  stop: "中止",
  nothing: "これらの問い合わせを目立って速くするインデックスはありませんでした。",
  index: (table, columns) => `${table}：${columns}`,
  question: "問い合わせ",
  runs: "回数",
  before: "現在",
  after: "インデックスあり",
  size: (before, after) => `ファイルの大きさは ${before} から ${after} になります。`,
  apply: "このインデックスで新しい版を作成",
  applied: "インデックスを加えた新しい版を作成しました。",
  changed: "その後に内容が置き換えられました。もう一度調べてください。",
};
