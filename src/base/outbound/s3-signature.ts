import { createHash, createHmac } from "node:crypto";

export interface S3Object {
  /** `https://s3.ap-northeast-1.amazonaws.com`, or another store's. */
  endpoint: string;
  region: string;
  bucket: string;
  key: string;
}

/** Where an object is, with the bucket in the path: every store knows that form. */
export function urlOfObject({ endpoint, bucket, key }: S3Object): URL {
  return new URL(`${new URL(endpoint).origin}/${encode(bucket)}/${key.split("/").map(encode).join("/")}`);
}

/** The headers that sign a GET of it (AWS Signature Version 4, of S3: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
export function signGet({ url, region, accessKeyId, secretAccessKey, at }: { url: URL; region: string; accessKeyId: string; secretAccessKey: string; at: Date }): Record<string, string> {
  const time = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const payload = sha256("");
  const headers = { host: url.host, "x-amz-content-sha256": payload, "x-amz-date": time };
  const names = Object.keys(headers).join(";");
  const canonical = ["GET", url.pathname, "", ...Object.entries(headers).map(([name, value]) => `${name}:${value}`), "", names, payload].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = [day, region, "s3", "aws4_request"].reduce((last: string | Buffer, part) => hmac(last, part), `AWS4${secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  return { "x-amz-content-sha256": payload, "x-amz-date": time, authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}` };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** As RFC 3986 has it: `encodeURIComponent` leaves five characters that S3 signs encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
