import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import type { Seal } from "./vault.ts";

const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a key derived from the secret (HKDF, RFC 5869). The place is authenticated as
 * additional data, so a text sealed for one place does not open in another.
 */
export function createSeal(secret: string): Seal {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", "mcp-dynamic-orchestrator/oauth/1", 32));
  return {
    close(place, value) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(bytesOf(place));
      return textOf(iv, cipher.update(bytesOf(JSON.stringify(value))), cipher.final(), cipher.getAuthTag());
    },
    open(place, text) {
      try {
        const sealed = decodeBase64Url(text);
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivBytes)).setAAD(bytesOf(place));
        decipher.setAuthTag(sealed.subarray(-tagBytes));
        const parts = [decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()];
        return JSON.parse(new TextDecoder().decode(concat(parts)));
      } catch {
        // Sealed with another key, sealed for another place, or not sealed at all: the caller treats all three alike.
        return undefined;
      }
    },
  };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(...parts: Uint8Array[]): string {
  // Without padding: software that finds URLs in text may drop a trailing "=".
  return encodeBase64Url(concat(parts).buffer).replace(/=+$/, "");
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
