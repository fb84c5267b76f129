import type { Environment } from "../../core/registry/interpolation.ts";
import type { Secret } from "../../core/registry/redaction.ts";

/**
 * What the user's environment says of the network, of certificates, and of where other tools keep their configuration. Behind a
 * company's proxy no server works without it. docs/bridge.md has the same list.
 */
const passedOn: readonly string[] = [
  ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "all_proxy", "no_proxy"],
  ...["NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA", "NODE_USE_ENV_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE"],
  ...["NPM_CONFIG_REGISTRY", "NPM_CONFIG_USERCONFIG", "NPM_CONFIG_CAFILE", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS"],
  ...["SSH_AUTH_SOCK", "KUBECONFIG", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT"],
  ...["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"],
];

/** The variables of that list which are set. An empty one is passed on too: `HTTPS_PROXY=` switches a proxy off. */
export function networkEnvironment(environment: Environment): Record<string, string> {
  const set = passedOn.map((name) => [name, environment(name)] as const);
  return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The passwords of proxies, which are part of their addresses. */
export function proxyPasswords(environment: Record<string, string>): Secret[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const password = /^[^/@]*\/\/[^/:@]*:([^/@]+)@/.exec(value)?.[1];
    return password === undefined ? [] : [{ name, value: password }];
  });
}
