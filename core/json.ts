/*
 * The four seams of the orchestrator. Everything on the other side of them is a platform's business; the contract
 * suites in test/contract hold for every implementation.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
