import type { Language } from "#src/base/problems/problem.ts";
import type { Subprocessor } from "./schema.ts";

/** The page's own texts. */
export const pageWords = {
  en: {
    title: "Third parties",
    intro: "Every other system that this installation sends something to, what for, and what is sent. The program connects to nothing else: a connection to any other host is refused.",
    back: "All promises",
    purpose: "What for",
    fields: "What is sent",
    where: "Where",
    ownNetwork: "In the operator's own network",
    here: "Nowhere: this installation does it itself",
    onDemand: "At the address that a team's administrator gives",
    none: "Nowhere",
    resolver: "At the domain's name servers",
    states: { "in-use": "In use", "on-demand": "Where a team sets it up", "not-in-use": "Not in use" },
    names: { mail: "E-mail", objects: "Object store", database: "Database", oidc: "OpenID providers", saml: "Identity providers' metadata", names: "Name servers" },
  },
  ja: {
    title: "外部サービス（委託先）",
    intro: "この環境が情報を送信する外部のシステムについて、目的と送信する項目をすべて示します。ここにないホストへの接続は、プログラム自身が拒否します。",
    back: "すべての約束",
    purpose: "目的",
    fields: "送信する項目",
    where: "送信先",
    ownNetwork: "運用者自身のネットワーク内",
    here: "なし（この環境の中で処理します）",
    onDemand: "チームの管理者が指定したアドレス",
    none: "なし",
    resolver: "対象ドメインのネームサーバー",
    states: { "in-use": "使用中", "on-demand": "チームが設定した場合のみ", "not-in-use": "未使用" },
    names: { mail: "メール配信", objects: "オブジェクトストア", database: "データベース", oidc: "OpenID プロバイダー", saml: "ID プロバイダーのメタデータ", names: "ネームサーバー" },
  },
} as const satisfies Record<Language, object>;

/** What does the adapter's work where nothing is configured. */
export function whereWords(one: Subprocessor, language: Language): string {
  const words = pageWords[language];
  if (one.hosts.length > 0) return one.hosts.join(language === "ja" ? "、" : ", ");
  if (one.isOwnNetwork) return words.ownNetwork;
  if (one.state === "on-demand") return one.name === "names" ? words.resolver : words.onDemand;
  return one.name === "objects" || one.name === "database" ? words.here : words.none;
}
