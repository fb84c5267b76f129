import ipaddr from "ipaddr.js";

/** Where an address lies: on the internet, inside (this machine or its network), or where no server of anybody's is. */
export type Place = "public" | "inside" | "nowhere";

/**
 * Judges the address as it is written. What a name resolves to is not known here: a deployed Worker cannot ask, and has no network
 * of its own to be reached by it.
 */
export function placeOf({ hostname }: URL): Place {
  // The URL parser has made one form of the many in which an IPv4 address can be written.
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return ipaddr.isValid(host) ? placeOfNumber(ipaddr.parse(host)) : placeOfName(host);
}

/** Why a request may not go there; undefined when it may. Reads after the name of whoever named the address. */
export function refusalOf(url: URL, { mayReachInside }: { mayReachInside: boolean }): string | undefined {
  if (!/^https?:$/.test(url.protocol)) return `names ${url.protocol}, and only http and https are spoken.`;
  if (url.username !== "" || url.password !== "")
    return `names a user or a password inside of an address (${url.host}). Write them as an Authorization header.`;
  switch (placeOf(url)) {
    case "public":
      return undefined;
    case "inside":
      if (mayReachInside) return undefined;
      return `names ${url.host}, on this machine or in its network, where a deployed orchestrator does not go. Give it a public address, declare it as a stdio server of the bridge, or run the orchestrator there with npm start.`;
    case "nowhere":
      return `names ${url.host}, which is no address of a server (reserved, or a cloud's own). Correct it.`;
  }
}

const insideRanges = ["loopback", "private", "carrierGradeNat", "uniqueLocal"];

/** Allows what is known to be fine: an address with another one inside it (mapped, 6to4, NAT64, Teredo) is nobody's own. */
function placeOfNumber(address: ipaddr.IPv4 | ipaddr.IPv6): Place {
  const range = address.range();
  if (insideRanges.includes(range)) return "inside";
  return range === "unicast" && (address.kind() === "ipv4" || isGlobal(address)) ? "public" : "nowhere";
}

/** 2000::/3, all of IPv6 that was ever given out (RFC 4291, section 2.4). */
function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const [first = 0] = address.toByteArray();
  return first >> 5 === 1;
}

/** Where clouds answer a machine's questions about itself, credentials included. */
const metadataNames = ["metadata", "metadata.goog", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"];
/** Names of no public registry (RFC 6761, 6762, 8375, ICANN's .internal), and those without a dot. */
const insideNames = /^[^.]+$|\.(?:localhost|local|internal|intranet|lan|home\.arpa)$/;

function placeOfName(host: string): Place {
  if (host === "" || metadataNames.includes(host)) return "nowhere";
  return insideNames.test(host) ? "inside" : "public";
}
