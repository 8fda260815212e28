import { entries } from "./entry.ts";

/** Connections to other systems. */
export const outboundProblems = entries({
  OUTBOUND_REFUSED: {
    status: 422,
    title: { en: "Kliv does not connect to that address", ja: "このアドレスには接続できません" },
    detail: {
      en: "Nothing was sent to {host}: {reason}. Give another address, or ask the operator.",
      ja: "{host} には何も送信していません：{reasonJa}。別のアドレスを指定するか、運用担当者にお問い合わせください。",
    },
  },
  OUTBOUND_FAILED: {
    status: 502,
    title: { en: "The other system did not answer as it should", ja: "接続先から正しい応答がありませんでした" },
    detail: {
      en: "{host} could not be asked ({reason}). Check the address, and that the system there answers; then try again.",
      ja: "{host} への問い合わせに失敗しました（{reason}）。アドレスと接続先の状態を確認して、もう一度お試しください。",
    },
  },
});
