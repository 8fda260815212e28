import type { Config } from "#src/base/config.ts";
import type { Tx } from "#src/base/postgres/postgres.ts";
import { openText, sealText } from "#src/base/secrets.ts";
import { Problem } from "#src/base/problems/problem.ts";
import * as store from "./store.ts";
import type { ConnectionRow, KeyRow } from "./store.ts";
import type { Parties } from "./verify.ts";

export interface Addresses {
  entityId: string;
  metadataUrl: string;
  acsUrl: string;
  idpInitiatedUrl: string;
  sloUrl: string;
  signInUrl: string;
}

/** Where a provider finds us, for one connection. The entity id is the address of the metadata. */
export function addressesOf({ origin }: Pick<Config, "origin">, connection: string): Addresses {
  const base = `${origin}/saml/${connection}`;
  return { entityId: `${base}/metadata`, metadataUrl: `${base}/metadata`, acsUrl: `${base}/acs`, idpInitiatedUrl: `${base}/unasked`, sloUrl: `${base}/logout`, signInUrl: `${origin}/signin/saml/${connection}` };
}

export const sealKey = (key: Buffer, { id, privateKey }: { id: string; privateKey: string }): string => sealText(key, privateKey, `saml ${id}`);

function openKey(key: Buffer, row: KeyRow): string {
  try {
    return openText(key, row.private_key, `saml ${row.id}`);
  } catch (cause) {
    // Another server's home; said so, because the operator can mend it.
    throw new Problem("SAML_KEY_OTHER", { cause });
  }
}

/** Both sides of a connection, with our keys opened. */
export async function partiesOf(tx: Tx, { config, key, connection }: { config: Config; key: Buffer; connection: ConnectionRow }): Promise<Parties> {
  const keys = await store.listKeys(tx, connection.id);
  const signing = keys.find((one) => one.use === "signing" && one.state === "current");
  if (!signing) throw new Error("a connection without a key");
  return {
    idp: { entityId: connection.idp_entity_id, ssoUrl: connection.sso_url, sloUrl: connection.slo_url, certificates: connection.certificates },
    sp: addressesOf(config, connection.id),
    signingKey: openKey(key, signing),
    signsRequests: connection.signs_requests,
    decryptionKeys: keys.filter((one) => one.use === "encryption").map((one) => openKey(key, one)),
  };
}
