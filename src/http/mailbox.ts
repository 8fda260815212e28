import type { Config } from "#src/base/config.ts";
import { isLoopbackHost } from "#src/base/config.ts";
import { escapeText } from "#src/base/escape.ts";
import type { Mail } from "#src/base/mail.ts";
import { Problem } from "#src/base/problems/problem.ts";
import type { Language } from "#src/base/problems/problem.ts";
import { makePage, sendPage } from "./page.ts";
import type { PageFiles } from "./page.ts";
import { route } from "./routes.ts";
import type { Route } from "./routes.ts";
import { mailboxWords } from "./words.ts";

const lettersMax = 30;

/**
 * The letters that a development installation writes instead of sending, for whoever sits at the machine: sign-up works
 * without a mail server. Anywhere else, and for anyone else, the page does not exist.
 */
export function mailboxRoutes(options: { mail: Mail; config: Config; files: PageFiles }): Route[] {
  return [
    route({
      method: "GET",
      url: "/mailbox",
      summary: "Letters of a development installation",
      tag: "operation",
      access: { public: "only in development, only to loopback: the handler holds it" },
      responses: { 200: "text/html" },
      isPage: true,
      handler({ address, language, request }) {
        const { mail, config, files } = options;
        if (config.environment !== "development" || !mail.isLocal || !isLoopback(address)) throw new Problem("NOT_FOUND");
        const say = mailboxWords[language];
        const letters = mail.recent(lettersMax).map(({ raw }) => readLetter(raw));
        const body = `<div class="letters"><h1>${say.title}</h1><p class="quiet">${say.intro}</p>${letters.map((letter) => letterHtml(letter, language)).join("") || `<p class="gallery-empty">${say.empty}</p>`}</div>`;
        return sendPage(request, makePage(files, { language, title: say.title, body }), { cacheControl: "no-store" });
      },
    }),
  ];
}

// An IPv4 peer of a socket that takes both kinds is written ::ffff:127.0.0.1.
const isLoopback = (address: string): boolean => isLoopbackHost(address.replace(/^::ffff:/, ""));

interface Letter {
  to: string;
  subject: string;
  /** ISO 8601, or empty. */
  date: string;
  text: string;
}

/** Reads what `base/mail.ts` writes: headers, and the plain part of the two alternatives. Any other mail is shown as it stands. */
export function readLetter(raw: string): Letter {
  const [head = "", ...rest] = raw.split(/\r?\n\r?\n/);
  const header = (name: string): string => decodeWords(new RegExp(`^${name}:[ \\t]*((?:.*(?:\\r?\\n[ \\t].*)*))`, "im").exec(head)?.[1]?.replace(/\r?\n[ \t]+/g, " ") ?? "");
  const boundary = /boundary="?([^";\r\n]+)"?/i.exec(head)?.[1];
  const body = rest.join("\n\n");
  const plain = boundary ? (body.split(`--${boundary}`).find((part) => /^content-type:\s*text\/plain/im.test(part)) ?? body) : `${head}\n\n${body}`;
  const [partHead = "", ...partBody] = plain.replace(/^\r?\n/, "").split(/\r?\n\r?\n/);
  const time = Date.parse(header("Date"));
  return { to: header("To"), subject: header("Subject"), date: Number.isNaN(time) ? "" : new Date(time).toISOString(), text: decodeBody(partBody.join("\n\n"), partHead) };
}

function decodeBody(text: string, head: string): string {
  const encoding = /^content-transfer-encoding:\s*([\w-]+)/im.exec(head)?.[1]?.toLowerCase();
  if (encoding === "base64") return Buffer.from(text, "base64").toString("utf8").trim();
  return (encoding === "quoted-printable" ? decodeQuoted(text) : text).trim();
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

// RFC 2047: a subject in Japanese comes as encoded words.
function decodeWords(text: string): string {
  return text.replace(/(\?=)\s+(=\?)/g, "$1$2").replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    kind.toLowerCase() === "b" ? Buffer.from(word, "base64").toString("utf8") : decodeQuoted(word.replaceAll("_", " ")));
}

function letterHtml({ to, subject, date, text }: Letter, language: Language): string {
  const say = mailboxWords[language];
  const linked = escapeText(text).replace(/https:\/\/[^\s<>"&]+(?:&amp;[^\s<>"&]+)*/g, (address) => `<a href="${address}">${address}</a>`);
  const time = date && `<time datetime="${date}">${escapeText(new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", { dateStyle: "medium", timeStyle: "short" }).format(Date.parse(date)))}</time>`;
  return `<article class="letter"><h2>${escapeText(subject)}</h2><p class="quiet">${say.to} ${escapeText(to)} · ${time}</p><pre>${linked}</pre></article>`;
}
