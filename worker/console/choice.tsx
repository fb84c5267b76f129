/** @jsxImportSource hono/jsx */

interface ChoiceProps {
  label: string;
  name: string;
  values: readonly string[];
  /** Empty: all of them. */
  chosen: string;
}

/** One of some values, or all, to narrow a page down. */
export function Choice({ label, name, values, chosen }: ChoiceProps) {
  return (
    <label>
      {`${label} `}
      <select name={name}>
        {["", ...values].map((value) => (
          <option value={value} selected={value === chosen}>
            {value || "all"}
          </option>
        ))}
      </select>
    </label>
  );
}
