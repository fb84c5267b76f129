import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Environment } from "../../core/registry/interpolation.ts";
import { type Check, type Finding, failed, ok, warning } from "./finding.ts";

/** The variables with which a company's network names its own certificates. `npm start` trusts both. */
const variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] as const;

export function certificatesCheck(environment: Environment, now: () => number): Check {
  return {
    name: "certificates",
    async run() {
      const set = variables.flatMap((name) => {
        const path = environment(name);
        return path ? [{ name, path }] : [];
      });
      const findings = await Promise.all(set.map((variable) => look(variable, now())));
      if (findings.length > 0) return findings;
      const isProxied = ["HTTPS_PROXY", "https_proxy"].some((name) => environment(name));
      return [
        ok(
          "certificates",
          isProxied ? "none of your own, behind the proxy of HTTPS_PROXY" : "those of browsers, none of your own",
        ),
      ];
    },
  };
}

async function look({ name, path }: { name: string; path: string }, now: number): Promise<Finding> {
  const unset = `unset ${name}, or point it at a PEM file with certificates`;
  const pem = await readFile(path, "utf8").catch(() => undefined);
  if (pem === undefined) return failed("certificates", `${name}: ${path} cannot be read.`, unset);
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const certificates = texts.flatMap(parse);
  if (certificates.length === 0) return failed("certificates", `${name}: ${path} has no certificate.`, unset);
  const expired = certificates.filter(({ validTo }) => Date.parse(validTo) < now);
  if (expired.length === certificates.length) {
    return warning("certificates", `${name}: every certificate in ${path} has expired.`, "get the current file of your network");
  }
  return ok("certificates", `${name}: ${certificates.length} in ${path}`);
}

function parse(pem: string): X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    // One that cannot be read is no certificate; the number that is shown says so.
    return [];
  }
}
