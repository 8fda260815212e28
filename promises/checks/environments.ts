import type { CheckContext, Finding } from "#src/rooms/trust/promise.ts";
import { look } from "./verdict.ts";

const environments = ["development", "staging", "production"] as const;
const storeWords = { home: { en: "home with its keys", ja: "鍵を含むホーム" }, database: { en: "database", ja: "データベース" }, objects: { en: "object store", ja: "オブジェクトストア" } };
/** What a store says to a process of another environment; any other trouble proves nothing. */
const refusals: Record<string, string> = { home: "HOME_ENVIRONMENT_MISMATCH", database: "ENVIRONMENT_MISMATCH", objects: "STORE_ENVIRONMENT_MISMATCH" };

/** ENV-1. */
export function checkEnvironments(context: CheckContext): Promise<Finding> {
  return look(
    ({ facts }) => ({
      en: `The database, the object store and the home with its keys carry the name of their environment. Each was opened as a process of the other two environments would at its start: all ${facts.startsRefused} attempts ended with a clear error before anything else was read.`,
      ja: `データベース、オブジェクトストア、鍵を含むホームには、それぞれ所属する環境の名前が記録されています。ほかの2つの環境のプロセスが起動するときと同じ手順でそれぞれを開こうとし、${facts.startsRefused}回のすべてが、ほかに何も読み込まないうちに明確なエラーで終了しました。`,
    }),
    async (sight) => {
      let refused = 0;
      for (const environment of environments.filter((one) => one !== context.live.environment)) {
        for (const { store, refusedWith } of await context.live.openAs(environment)) {
          const { en, ja } = storeWords[store];
          if (refusedWith === refusals[store]) refused++;
          else if (refusedWith === null) sight.breach(`A process of ${environment} was let into the ${en} of ${context.live.environment}.`, `${environment}のプロセスが、${context.live.environment}の${ja}を開けました。`);
          else sight.doubt(`A process of ${environment} could not try the ${en}: it met ${refusedWith}.`, `${environment}のプロセスによる${ja}の確認が、別の理由（${refusedWith}）で行えませんでした。`);
        }
      }
      sight.facts.startsRefused = refused;
    },
  );
}
