import { entries } from "./entry.ts";

/** Pictures and documents of reports. */
export const attachmentProblems = entries({
  ATTACHMENT_FORMAT: {
    status: 415,
    title: { en: "This kind of file cannot be attached", ja: "この形式のファイルは添付できません" },
    detail: {
      en: "The content of {file} is none of PNG, JPEG, SVG or PDF. Save it as one of these and send it again.",
      ja: "{file} の内容は PNG、JPEG、SVG、PDF のいずれでもありません。いずれかの形式で保存して、もう一度送信してください。",
    },
  },
  ATTACHMENT_DAMAGED: {
    status: 422,
    title: { en: "This file is damaged", ja: "ファイルが壊れています" },
    detail: {
      en: "{file} is not a sound {format} file: {reason}. Nothing was stored. Open it in the program that made it, save it anew and send it again.",
      ja: "{file} は正しい {format} ファイルではありません（{reasonJa}）。何も保存していません。作成したアプリで開いて保存し直し、もう一度送信してください。",
    },
  },
  ATTACHMENT_TOO_LARGE: {
    status: 413,
    title: { en: "This file is too large", ja: "ファイルが大きすぎます" },
    detail: {
      en: "{file} has more than {max} {unit}. Make it smaller and send it again.",
      ja: "{file} は上限（{max} {unitJa}）を超えています。小さくしてから、もう一度送信してください。",
    },
  },
  ATTACHMENT_ACTIVE: {
    status: 422,
    title: { en: "This file does more than show something", ja: "表示以外の動作を含むファイルです" },
    detail: {
      en: "{file} has {what} in it, which readers must not be handed. Print it to a new PDF and send that one.",
      ja: "{file} には {whatJa} が含まれており、閲覧者に渡せません。PDFとして印刷し直したものを送信してください。",
    },
  },
  ATTACHMENT_IN_USE: {
    status: 409,
    title: { en: "Reports show this attachment", ja: "レポートで使われています" },
    detail: {
      en: "{reports} reports show it. Take it out of them, and publish anew where one is published, then delete it.",
      ja: "{reports} 件のレポートで使われています。レポートから外し、公開中のものは公開し直してから、削除してください。",
    },
  },
  ATTACHMENT_CONTENTS_MISSING: {
    status: 409,
    title: { en: "This attachment waits for its file", ja: "添付ファイルの内容がまだありません" },
    detail: {
      en: "It came with an imported workspace, without its bytes. Attach the same file again: it takes this place.",
      ja: "インポートしたワークスペースの添付ファイルで、内容が含まれていません。同じファイルをもう一度添付すると、ここに入ります。",
    },
  },
  ATTACHMENTS_TOO_MANY: {
    status: 409,
    title: { en: "The team has too many attachments", ja: "添付ファイルの数が上限に達しています" },
    detail: { en: "A team has at most {max}. Delete some that no report shows.", ja: "1つのチームにつき最大 {max} 件です。使っていないものを削除してください。" },
  },
});
