import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { look, need } from "./verdict.ts";

const kindWords = {
  table: { en: "The table", ja: "テーブル" }, objects: { en: "The objects under", ja: "オブジェクト" }, home: { en: "In the home,", ja: "ホームの" }, work: { en: "In a working folder,", ja: "作業フォルダーの" },
};

interface Item {
  kind: keyof typeof kindWords;
  name: string;
}

/** HOST-3. */
export function checkPlaces(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `All ${facts.placesFound} places that this installation's database, object store, home and working folders hold are on the public map. It makes no backups anywhere else.`,
      ja: `この環境のデータベース、オブジェクトストア、ホーム、作業フォルダーにある${facts.placesFound}か所のすべてが、公開の一覧に載っています。これ以外の場所にバックアップは作成していません。`,
    }),
    async (sight) => {
      const map = need(await context.request("GET", "/api/v1/places?limit=200"), [200], { en: "read the map", ja: "一覧の読み取り" }).json.items as Item[];
      const page = need(await context.request("GET", "/trust/places"), [200], { en: "read the map's page", ja: "一覧のページの読み取り" }).bytes.toString("utf8");
      const found = await context.live.placesFound();
      sight.facts.placesFound = found.length;
      sight.facts.placesOnMap = map.length;
      for (const kind of ["table", "home"] as const) if (!found.some((one) => one.kind === kind)) sight.doubt(`No ${kind} was found to look for.`, "確認する対象の場所が見つかりませんでした。");
      for (const { kind, name } of found) {
        const isNamed = map.some((place) => place.kind === kind && place.name === name) && (kind === "work" || page.includes(`<code>${name}</code>`));
        if (!isNamed) sight.breach(`${kindWords[kind].en} ${name} is not on the map.`, `${kindWords[kind].ja}「${name}」が一覧に載っていません。`);
      }
    },
  );
}
