/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** Who looks at the console, and at which session. */
export interface Viewer {
  /** The session's name; a person's sessions are named as in `/s/<name>/mcp`. */
  session: string;
  /** Stands in every form. */
  formToken: string;
  /** Whether programs may be run, and what the operator sees be seen. */
  mayRun: boolean;
  mayAdminister: boolean;
  /** Runs and proposed tools that wait for a person, for whoever may decide; otherwise 0. */
  countWaiting: () => Promise<number>;
}

export interface ShellProps {
  title: string;
  viewer: Viewer;
  /** Files of the page's scripts, below `/console/assets/`. */
  scripts?: readonly string[];
  children?: Child;
}

interface Place {
  path: string;
  label: string;
  needs?: "run" | "administer";
}

const places: readonly Place[] = [
  { path: "/", label: "Servers" },
  { path: "/console/tools", label: "Tools" },
  { path: "/console/play", label: "Playground", needs: "run" },
  { path: "/console/runs", label: "Runs", needs: "administer" },
  { path: "/console/approvals", label: "Approvals", needs: "administer" },
  { path: "/console/numbers", label: "Numbers", needs: "administer" },
  { path: "/console/kept", label: "Kept", needs: "run" },
];

/** A page of the console: its head, the way to the other pages, and its content. All text in it is escaped. */
export async function Shell({ title, viewer, scripts = [], children }: ShellProps) {
  const waiting = await viewer.countWaiting();
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · MCP orchestrator`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/console/assets/console.css" />
        {scripts.map((script) => (
          <script type="module" src={`/console/assets/${script}`} />
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <nav aria-label="Console">
            {places
              .filter((place) => mayOpen(place, viewer))
              .map(({ path, label }) => (
                <a href={inSession(path, viewer)} aria-current={label === title ? "page" : undefined}>
                  {label === "Approvals" && waiting > 0 ? `${label} (${waiting})` : label}
                </a>
              ))}
          </nav>
          <form class="session" method="get">
            <label>
              Session <input name="session" value={viewer.session} pattern="[A-Za-z0-9_\-]{1,64}" size={12} />
            </label>
            <button type="submit">Open</button>
          </form>
          <form method="post" action="/logout">
            <button type="submit">Log out</button>
          </form>
        </header>
        <main id="content">
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}

/** The address of a page, in the session that is looked at. */
export function inSession(path: string, { session }: Pick<Viewer, "session">, query: Record<string, string> = {}): string {
  const all = new URLSearchParams({ ...query, ...(session === "default" ? {} : { session }) });
  return all.size === 0 ? path : `${path}?${all}`;
}

/** What a form that asks for a page has, so that it stays in the session. */
export function SessionField({ viewer: { session } }: { viewer: Viewer }) {
  return session === "default" ? null : <input type="hidden" name="session" value={session} />;
}

/** What every form has that changes something. */
export function FormToken({ viewer }: { viewer: Viewer }) {
  return <input type="hidden" name="form_token" value={viewer.formToken} />;
}

function mayOpen({ needs }: Place, { mayRun, mayAdminister }: Viewer): boolean {
  if (needs === undefined) return true;
  return needs === "run" ? mayRun : mayAdminister;
}
