/* The part of node:crypto that is used here. WebCrypto would do, but everything in it is asynchronous. */

declare module "node:crypto" {
  interface Cipher {
    setAAD(data: Uint8Array): this;
    update(data: Uint8Array): Uint8Array;
    final(): Uint8Array;
  }
  export function createCipheriv(name: "aes-256-gcm", key: Uint8Array, iv: Uint8Array): Cipher & { getAuthTag(): Uint8Array };
  export function createDecipheriv(
    name: "aes-256-gcm",
    key: Uint8Array,
    iv: Uint8Array,
  ): Cipher & { setAuthTag(tag: Uint8Array): void };
  export function hkdfSync(digest: "sha256", key: string, salt: string, info: string, bytes: number): ArrayBuffer;
  export function createHash(name: "sha256"): {
    update(data: string): { digest(): Uint8Array; digest(encoding: "base64url" | "hex"): string };
  };
  export function createHmac(
    name: "sha256",
    key: Uint8Array,
  ): {
    update(data: string): { digest(encoding: "base64url"): string };
  };
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
  export function randomBytes(count: number): Uint8Array;
}
