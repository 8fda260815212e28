import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Addresses that mean this machine, its network or nobody: what a name given from outside must not lead to. */
const inside = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
] as const) inside.addSubnet(network, bits, "ipv4");
// Tunnels and translations carry an IPv4 address of anyone's within; documentation is nobody's.
for (const [network, bits] of [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]] as const) inside.addSubnet(network, bits, "ipv6");
/** Of IPv6 only this is the internet. */
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is one of the internet's. An IPv4 one within IPv6 is judged as what it is. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !inside.check(address, "ipv4");
  if (family !== 6) return false;
  // BlockList sees through ::ffff:a.b.c.d itself, whichever way it is written; outside of 2000::/3 it is refused here anyway.
  return global.check(address, "ipv6") && !inside.check(address, "ipv6");
}

/** Whether an IP address is this machine's, of whichever of its networks. */
export function isOwnAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const own = new BlockList();
  for (const { address: one, family } of Object.values(networkInterfaces()).flatMap((all) => all ?? [])) own.addAddress(one, family === "IPv4" ? "ipv4" : "ipv6");
  return own.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** `[::1]` as `::1`, in lower case, without the dot that ends a full name. */
export function bareHost(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}
