import { isIP } from "node:net";
import type { Config } from "#src/base/config.ts";
import { isLoopbackHost } from "#src/base/config.ts";
import { isPublicAddress } from "#src/base/outbound/addresses.ts";
import { adapters } from "#src/base/outbound/register.ts";
import type { Subprocessor } from "./schema.ts";

export interface Subprocessors {
  /** The register of third parties with what this installation is set up for. */
  list(): Subprocessor[];
}

export function createSubprocessors({ config }: { config: Config }): Subprocessors {
  return {
    list: () =>
      adapters.map(({ name, purpose, fields, isOnDemand = false, peers }) => {
        const found = peers(config);
        const hosts = new Set(found.filter(({ host, shown }) => shown !== null && !isOwnHost(config, host)).map(({ host, shown }) => shown ?? host));
        const state = found.length > 0 ? "in-use" : isOnDemand ? "on-demand" : "not-in-use";
        return { name, purpose, fields, state, hosts: [...hosts], isOwnNetwork: found.length > 0 && hosts.size === 0 };
      }),
  };
}

/** A host that only the operator's own network has: its name is nobody else's business. */
function isOwnHost(config: Config, host: string): boolean {
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return isLoopbackHost(host) || !host.replace(/^\./, "").includes(".") || /\.(local|internal|lan|home\.arpa|intranet|corp)$/.test(host) || config.outboundPrivate.includes(host);
}
