import { reservedIn } from "./interpolation.ts";

/** References to secrets of the orchestrator itself, wherever they stand in an entry. */
export function reservedReferences(path: string, value: unknown): { path: string; message: string }[] {
  if (typeof value === "string") {
    return reservedIn(value).map((name) => ({
      path,
      message: `\${env:${name}} is a secret of this orchestrator, which no server gets; use a variable with another name`,
    }));
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => reservedReferences(`${path}[${index}]`, item));
  return Object.entries(value ?? {}).flatMap(([key, item]) => reservedReferences(`${path}.${key}`, item));
}
