/** @jsxImportSource hono/jsx */
import type { NeededVariable } from "../../core/registry/registry-change.ts";
import { TextBlock } from "./text-block.tsx";

interface VariablesProps {
  variables: readonly NeededVariable[];
  /** The references are written, and not only about to be. */
  isDone: boolean;
  /** Where the variables belong; undefined where a deployment keeps them. */
  envFile?: string | undefined;
}

/** What has to be set. References take the place of what was typed or pasted. */
export function Variables({ variables, isDone, envFile }: VariablesProps) {
  const missing = variables.filter(({ isSet }) => !isSet);
  if (missing.length === 0) return null;
  const names = (side: NeededVariable["side"]) => missing.filter((variable) => variable.side === side).map(({ name }) => name);
  if (!isDone) return <p class="note">{`Not set yet: ${missing.map(({ name }) => name).join(", ")}. ${kept}`}</p>;
  return (
    <section aria-labelledby="variables">
      <h2 id="variables">To be set</h2>
      <p>{kept}</p>
      {envFile === undefined ? (
        <>
          <Lines label="Where the bridge runs" lines={names("bridge").map((name) => `${name}=…`)} />
          <Lines label="For the deployment" lines={names("worker").map((name) => `npx wrangler secret put ${name}`)} />
        </>
      ) : (
        <>
          <Lines label={`In ${envFile}`} lines={missing.map(({ name }) => `${name}=…`)} />
          {names("worker").length === 0 ? null : (
            <p class="note">{`Stop npm start and start it again afterwards: ${names("worker").join(", ")} is read then.`}</p>
          )}
        </>
      )}
    </section>
  );
}

const kept = "A secret is kept in a variable, and neither here nor in the registry.";

function Lines({ label, lines }: { label: string; lines: readonly string[] }) {
  return lines.length === 0 ? null : (
    <>
      <p>{`${label}:`}</p>
      <TextBlock label={label}>{lines.join("\n")}</TextBlock>
    </>
  );
}
