/*
 * The globals of a program's isolate for which a type helps. library.ts declares all others as `any`: it runs in an isolate of
 * the same kind and finds them there.
 */

interface Console {
  debug(...values: any[]): void;
  log(...values: any[]): void;
  info(...values: any[]): void;
  warn(...values: any[]): void;
  error(...values: any[]): void;
  trace(...values: any[]): void;
  dir(...values: any[]): void;
  table(...values: any[]): void;
  assert(condition?: boolean, ...values: any[]): void;
  group(...values: any[]): void;
  groupCollapsed(...values: any[]): void;
  groupEnd(): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...values: any[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  clear(): void;
}
declare var console: Console;

declare function setTimeout(callback: (...values: any[]) => void, ms?: number, ...values: any[]): any;
declare function setInterval(callback: (...values: any[]) => void, ms?: number, ...values: any[]): any;
declare function clearTimeout(timer?: any): void;
declare function clearInterval(timer?: any): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T, options?: any): T;
