import ipaddr from "ipaddr.js";

/** Where an address is: on the internet, inside (this machine or its network), or nowhere a server can be (reserved, cloud metadata). */
export type Place = "public" | "inside" | "nowhere";

/**
 * Judges the address as written. Names are not resolved: a deployed Worker cannot do that, and has no network of its own that a name
 * could point into.
 */
export function placeOf({ hostname }: URL): Place {
  // The URL parser has normalized the many notations of an IPv4 address.
  const host = hostname.replace(/^\[|\]$/g, "").replace(/(?<!\.)\.+$/, "");
  return ipaddr.isValid(host) ? placeOfNumber(ipaddr.parse(host)) : placeOfName(host);
}

/** Why the address is not allowed; undefined when it is. Reads after the name of the server or file that named it. */
export function refusalOf(url: URL, { mayReachInside }: { mayReachInside: boolean }): string | undefined {
  if (!/^https?:$/.test(url.protocol)) return `names ${url.protocol}, but only http and https are supported.`;
  if (url.username !== "" || url.password !== "")
    return `names a user or a password in an address (${url.host}). Use an Authorization header instead.`;
  switch (placeOf(url)) {
    case "public":
      return undefined;
    case "inside":
      if (mayReachInside) return undefined;
      return `names ${url.host}, on this machine or in its network, where a deployed orchestrator does not go. Give it a public address, declare it as a stdio server of the bridge, or run the orchestrator there with npm start.`;
    case "nowhere":
      return `names ${url.host}, which is not a server's address (reserved, or cloud metadata). Correct it.`;
  }
}

const insideRanges = ["loopback", "private", "carrierGradeNat", "uniqueLocal"];

/** Services of the machine's host that give out credentials, outside the link-local range: of Azure, Oracle, Alibaba, AWS and Google. */
const hostAddresses = ["168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254"];

/** Only known ranges are public: an IPv6 address that embeds an IPv4 one (mapped, 6to4, NAT64, Teredo) is not. */
function placeOfNumber(address: ipaddr.IPv4 | ipaddr.IPv6): Place {
  if (hostAddresses.includes(address.toString())) return "nowhere";
  const range = address.range();
  if (insideRanges.includes(range)) return "inside";
  return range === "unicast" && (address.kind() === "ipv4" || isGlobal(address)) ? "public" : "nowhere";
}

/** 2000::/3, the only block of global unicast addresses that has been assigned (RFC 4291, section 2.4). */
function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [first = 0] = address.toByteArray();
  return first >> 5 === 1;
}

/** Names of cloud metadata services, which give out credentials. */
const metadataNames = [
  "metadata",
  "metadata.azure.com",
  "metadata.tencentyun.com",
  "metadata.platformequinix.com",
  "metadata.goog",
  "metadata.google.internal",
  "instance-data",
  "instance-data.ec2.internal",
];
/** Names that are not in public DNS (RFC 6761, 6762, 8375, ICANN's .internal, those that networks use all the same), and those without a dot. */
const insideNames = /^[^.]+$|\.(?:localhost|localdomain|local|internal|intranet|private|lan|home|home\.arpa|corp|svc)$/;

function placeOfName(host: string): Place {
  if (host === "" || metadataNames.includes(host)) return "nowhere";
  return insideNames.test(host) ? "inside" : "public";
}
