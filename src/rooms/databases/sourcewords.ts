import { composeLetter } from "#src/base/letter.ts";
import type { Language } from "#src/base/problems/problem.ts";

/** The letter about a refresh that failed: once for all failures in a row. */
export function failureLetter(language: Language, about: { name: string; database: string; reason: string; failuresMax: number; url: string }): { subject: string; text: string; html: string } {
  const { name, database, reason, failuresMax, url } = about;
  if (language === "ja") {
    return composeLetter({
      language, subject: `データベース「${database}」を更新できませんでした`,
      lines: [`${name} 様`, `設定した取得元から「${database}」を更新できませんでした。`, reason, `現在のバージョンはそのまま残っています。予定どおり再試行し、${failuresMax}回続けて失敗すると自動更新を停止します。この失敗が続く間、メールをお送りするのは今回だけです。`],
      link: { url, label: "データベースを開く" },
    });
  }
  return composeLetter({
    language, subject: `The database “${database}” could not be refreshed`,
    lines: [`Hello ${name},`, `“${database}” could not be refreshed from where you had set it up.`, reason, `Its current version stays as it is. It is tried again on schedule, and paused after ${failuresMax} failures in a row. While they go on, this is the only letter.`],
    link: { url, label: "Open the database" },
  });
}
