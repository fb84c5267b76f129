/* The storage keys of a session's logins. */

export const loginPrefix = "oauth/login/";
export const clientPrefix = "oauth/client/";
export const attemptPrefix = "oauth/attempt/";

export const loginKey = (server: string) => `${loginPrefix}${server}`;
export const clientKey = (server: string) => `${clientPrefix}${server}`;
export const attemptKey = (attempt: string) => `${attemptPrefix}${attempt}`;
