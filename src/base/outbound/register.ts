import { isIP } from "node:net";
import { readS3Address } from "../blobs/s3-address.ts";
import { isLoopbackHost } from "../config.ts";
import type { Config } from "../config.ts";
import { bareHost } from "./addresses.ts";

interface Text {
  en: string;
  ja: string;
}

/** What an adapter connects to, as the configuration says. */
export interface Peer {
  /** A host's name or address; one that begins with a dot means every name that ends so. */
  host: string;
  /** Null for any. */
  port: number | null;
  /** What the public register says instead, for a host whose name tells more than who keeps it; null for nothing. */
  shown?: string | null;
}

export interface Adapter {
  name: AdapterName;
  /** What it is for. */
  purpose: Text;
  /** What is sent, completely. */
  fields: Text[];
  /** `configured`: only the hosts of `peers`. `named`: a host that an administrator names, if it is one of the internet's. */
  reach: "configured" | "named";
  /** Any member names the host: this machine itself is none of them, in no environment, unless the operator lists it as private. */
  isForMembers?: boolean;
  /** Used where a team sets it up, whatever the configuration. */
  isOnDemand?: boolean;
  peers(config: Config): Peer[];
}

export type AdapterName = "mail" | "objects" | "database" | "oidc" | "saml" | "files" | "names";

/** The one register of all that this program connects to. What is not in here is not connected to. */
export const adapters: readonly Adapter[] = [
  {
    name: "mail",
    purpose: { en: "Delivers letters: links for passwords, invitations and notices", ja: "パスワード設定用リンク、招待、お知らせなどのメールの配信" },
    fields: [
      { en: "The recipient's e-mail address", ja: "宛先のメールアドレス" },
      { en: "Subject and text of the letter, with the names of people and teams in it", ja: "件名と本文（本文に含まれる氏名やチーム名を含む）" },
    ],
    reach: "configured",
    peers: ({ smtpUrl }) => (smtpUrl === null ? [] : urlPeers(smtpUrl, smtpUrl.startsWith("smtps:") ? 465 : 587)),
  },
  {
    name: "objects",
    purpose: { en: "Stores uploaded files, versions of databases, and pictures", ja: "アップロードされたファイル、データベースの各バージョン、画像の保存" },
    fields: [
      { en: "The content of files and databases, encrypted at rest", ja: "ファイルとデータベースの内容（保存時に暗号化）" },
      { en: "Ids of teams and databases, in the objects' names", ja: "オブジェクト名に含まれるチームとデータベースのID" },
    ],
    reach: "configured",
    peers: ({ blobsUrl }) => (blobsUrl.startsWith("s3:") ? objectPeers(blobsUrl) : []),
  },
  {
    name: "database",
    purpose: { en: "Keeps what is known about accounts, teams, databases and reports", ja: "アカウント、チーム、データベース、レポートに関する情報（メタデータ）の保存" },
    fields: [
      { en: "Accounts: name, e-mail address, sign-in data hashed or encrypted, the browsers of sessions", ja: "アカウント：氏名、メールアドレス、ハッシュ化または暗号化されたサインイン情報、セッションのブラウザー情報" },
      { en: "Reports, queries and the audit log", ja: "レポート、クエリ、監査ログ" },
    ],
    reach: "configured",
    peers: ({ databaseUrl, databaseAppUrl }) => [databaseUrl, databaseAppUrl].flatMap((url) => (url === null ? [] : databasePeers(url))),
  },
  {
    name: "oidc",
    purpose: { en: "Signs people in with an account of an OpenID provider, as Google", ja: "Google などの OpenID プロバイダーのアカウントによるサインイン" },
    fields: [{ en: "The one-time code of a sign-in, and this installation's client id", ja: "サインインごとの一回限りのコードと、このシステムのクライアントID" }],
    // A provider says itself at which hosts its keys and codes are.
    reach: "named",
    peers: ({ providers }) => providers.flatMap(({ issuer }) => urlPeers(issuer, 443)),
  },
  {
    name: "saml",
    purpose: { en: "Reads the metadata of a team's own identity provider, from the address that its administrator gave", ja: "チームの管理者が指定したURLから、そのチームの ID プロバイダーのメタデータを取得" },
    fields: [{ en: "Nothing but the request for that address", ja: "そのURLへのリクエストのみ" }],
    reach: "named",
    isOnDemand: true,
    peers: () => [],
  },
  {
    name: "files",
    purpose: {
      en: "Fetches files from addresses that members give: imports from a URL, and databases that are refreshed from a URL or an S3 object",
      ja: "メンバーが指定したURLからのファイルの取得（URLからの取り込み、URLまたはS3オブジェクトによるデータベースの定期更新）",
    },
    fields: [
      { en: "The request for that address, with what the server there said of its file before (ETag, date)", ja: "そのURLへのリクエスト（前回の取得時にサーバーが返したETagと更新日時を含む）" },
      { en: "For an S3 object: a signature made with the access key that the team gave; the key that signs is not sent", ja: "S3オブジェクトの場合：チームが登録したアクセスキーによる署名（シークレットキー自体は送信しません）" },
    ],
    reach: "named",
    isForMembers: true,
    isOnDemand: true,
    peers: () => [],
  },
  {
    name: "names",
    purpose: { en: "Looks up the DNS record by which a team shows that a domain is its own", ja: "ドメインの所有を確認するための DNS レコードの照会" },
    fields: [{ en: "The domain's name", ja: "ドメイン名" }],
    // The system's own resolver; no socket of this program's.
    reach: "configured",
    isOnDemand: true,
    peers: () => [],
  },
];

/** All hosts that the configuration names, and this machine's own ones, which the promises' checks call. */
export function peersOf(config: Config): Peer[] {
  return [...adapters.flatMap((adapter) => adapter.peers(config)), ...[config.host, new URL(config.origin).hostname].map((host) => ({ host: bareHost(host), port: null }))];
}

/** Whether one of the peers is this host and port. This machine itself is no third party. */
export function isListed(peers: readonly Peer[], host: string, port: number): boolean {
  const name = bareHost(host);
  return isLoopbackHost(name) || peers.some((peer) => (peer.host.startsWith(".") ? name.endsWith(peer.host) : name === peer.host) && (peer.port === null || peer.port === port));
}

function urlPeers(text: string, defaultPort: number): Peer[] {
  const url = URL.parse(text);
  return url === null ? [] : [{ host: bareHost(url.hostname), port: Number(url.port || defaultPort) }];
}

function databasePeers(text: string): Peer[] {
  // `postgres://user@/name?host=/folder` has no host where a URL must have one.
  const url = URL.parse(text.replace("@/", "@localhost/"));
  const host = url?.searchParams.get("host") ?? decodeURIComponent(url?.hostname ?? "");
  // A folder of a Unix socket is on this machine.
  if (host === "" || host.startsWith("/")) return [];
  const labels = bareHost(host).split(".");
  // The name of a hosted database is its own; whose it is stands at its end.
  const shown = labels.length > 3 && isIP(bareHost(host)) === 0 ? labels.slice(-3).join(".") : null;
  return [{ host: bareHost(host), port: Number(url?.searchParams.get("port") ?? (url?.port || 5432)), shown }];
}

function objectPeers(text: string): Peer[] {
  const { endpoint, region } = readS3Address(text);
  // Where the SDK finds credentials when the environment has none: the machine's own role, or the token service.
  const credentials = ["169.254.169.254", "169.254.170.2", "169.254.170.23"].map((host) => ({ host, port: 80, shown: null }));
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const services = ["sts", "portal.sso", "oidc"].map((service) => ({ host: `${service}.${region}.${domain}`, port: 443, shown: null }));
  if (endpoint !== null) return [...urlPeers(endpoint, endpoint.startsWith("https:") ? 443 : 80), ...credentials, ...services];
  const store = `s3.${region}.${domain}`;
  return [{ host: store, port: 443 }, { host: `.${store}`, port: 443, shown: null }, ...credentials, ...services];
}
