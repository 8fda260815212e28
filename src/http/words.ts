/** What stands around every page that the server writes. */
export const frameWords = {
  en: {
    gallery: "Gallery", trust: "Trust", docs: "API", status: "Status", enter: "Sign in", skip: "Skip to the content", navigation: "Kliv", language: "Language",
    tagline: "Reports that people can trust", madeWith: "Made with Kliv",
  },
  ja: {
    gallery: "ギャラリー", trust: "セキュリティの約束", docs: "API", status: "稼働状況", enter: "サインイン", skip: "本文へ移動", navigation: "Kliv", language: "言語",
    tagline: "信頼できるレポートを", madeWith: "Kliv で作成",
  },
} as const;

export const languageNames = { en: "English", ja: "日本語" } as const;
