import type { Language } from "#src/base/problems/problem.ts";
import type { Kind } from "./schema.ts";

export const titleWords: Record<Kind, Record<Language, string>> = {
  privacy: { en: "Privacy policy", ja: "プライバシーポリシー" },
  terms: { en: "Terms of service", ja: "利用規約" },
};

/** What stands around a document on its page. */
export const pageWords = {
  en: {
    description: { privacy: "Which data Kliv handles here, why, for how long, and with whom it is shared.", terms: "On what terms this installation of Kliv is used." },
    version: (version: number) => `Version ${version}`,
    since: "in force since ", from: "takes effect on ", was: "was in force from ",
    upcoming: (version: number) => `Version ${version} has been published and takes effect on `,
    readUpcoming: "Read it",
    isUpcoming: "This version is not in force yet.",
    isPast: "This is an earlier version, kept so that it can be read.",
    readCurrent: "Read the version in force",
    changes: "What is different from the version before",
    added: "Added", removed: "Taken out",
    compare: (before: number) => `compare with version ${before}`,
    compared: (before: number) => `What is different from version ${before} is marked.`,
    nothingDiffers: (before: number) => `In this language the text is that of version ${before}.`,
    withoutMarks: "Show the text without marks",
    versions: "All versions",
    current: "in force", next: "upcoming", past: "earlier",
    checksum: "Checksum of the texts in both languages (SHA-256): ",
  },
  ja: {
    description: { privacy: "このKlivがどのようなデータを、何のために、どれだけの期間扱い、だれと共有するかを説明します。", terms: "このKlivをご利用いただく際の条件です。" },
    version: (version: number) => `第${version}版`,
    since: "施行日：", from: "施行予定日：", was: "施行日：",
    upcoming: (version: number) => `第${version}版を公開しています。施行予定日：`,
    readUpcoming: "新しい版を読む",
    isUpcoming: "この版はまだ施行されていません。",
    isPast: "これは以前の版です。いつでも読めるように残しています。",
    readCurrent: "現在の版を読む",
    changes: "前の版からの変更点",
    added: "追加", removed: "削除",
    compare: (before: number) => `第${before}版と比較`,
    compared: (before: number) => `第${before}版と異なる箇所を示しています。`,
    nothingDiffers: (before: number) => `この言語の本文は第${before}版と同じです。`,
    withoutMarks: "本文のみを表示",
    versions: "すべての版",
    current: "現在", next: "施行前", past: "以前",
    checksum: "両言語の本文のチェックサム（SHA-256）：",
  },
} as const satisfies Record<Language, object>;
