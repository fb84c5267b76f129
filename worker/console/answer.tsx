/** @jsxImportSource hono/jsx */
import type { PublicError } from "../../core/errors.ts";
import type { RunLine } from "../../core/log-line.ts";
import type { Outcome } from "../../core/run/outcome.ts";
import { escapeInvisible } from "../../core/text.ts";
import { LogLines } from "./log-lines.tsx";
import { FormToken, inSession, type Viewer } from "./shell.tsx";
import { Status } from "./status.tsx";

/** An outcome, or that of a single call, as it was answered or is kept. */
export interface Answered {
  ok?: boolean | undefined;
  durationMs?: number | undefined;
  /** Under which the session keeps a result that is shown in part. */
  handle?: string | undefined;
  errors?: readonly PublicError[] | undefined;
  logs?: readonly RunLine[] | undefined;
  images?: Outcome["images"] | undefined;
}

interface AnswerProps {
  outcome: Answered;
  /** Whether the page shows already what was printed. */
  isFollowed?: boolean;
  viewer: Viewer;
}

/** What a run answered: what went wrong and what to do about it, what it printed, and then all of it as a model gets it. */
export function Answer({ outcome: { images = [], ...outcome }, isFollowed = false, viewer }: AnswerProps) {
  const { ok, durationMs, errors = [], logs = [], handle } = outcome;
  const waits = errors.some(({ token }) => token !== undefined);
  const isCancelled = errors[0]?.code === "cancelled";
  return (
    <>
      <p>
        {waits ? (
          <span class="status auth_required">▲ waits for a person</span>
        ) : (
          <>
            <Status of={{ outcome: ok ? "succeeded" : isCancelled ? "cancelled" : "failed" }} />
            {durationMs === undefined ? null : ` ${durationMs} ms`}
          </>
        )}
      </p>
      {errors.map((error) => (
        <Problem error={error} viewer={viewer} />
      ))}
      {images
        .filter(({ mimeType }) => shownImages.includes(mimeType))
        .map(({ data, mimeType }) => (
          <img src={`data:${mimeType};base64,${data}`} alt="What the program returned" />
        ))}
      {handle === undefined ? null : (
        <p>
          The result is long, so a part of it is shown.{" "}
          <a href={inSession("/console/kept/read", viewer, { kind: "result", name: handle })} download>
            Download all of it
          </a>
        </p>
      )}
      {isFollowed || logs.length === 0 ? null : <LogLines lines={logs} />}
      <pre tabindex={0}>
        <code>{escapeInvisible(JSON.stringify(outcome, null, 2))}</code>
      </pre>
    </>
  );
}

const shownImages = ["image/png", "image/jpeg", "image/gif", "image/webp"];

function Problem({ error, viewer }: { error: PublicError; viewer: Viewer }) {
  const { code, message, file, line, frame, url, token } = error;
  const place = file === undefined || line === undefined ? "" : `${file}:${line} `;
  if (token !== undefined) return <Waits code={code} url={url} token={token} viewer={viewer} />;
  return (
    <article class="problem">
      <p class="described">
        <b>{code}</b> {place}
        {message}
      </p>
      {frame === undefined ? null : (
        <pre class="frame" tabindex={0}>
          {escapeInvisible(frame)}
        </pre>
      )}
      {url === undefined ? null : <Place url={url} />}
    </article>
  );
}

interface WaitsProps {
  code: string;
  url: string | undefined;
  token: string;
  viewer: Viewer;
}

/** In place of the message, which tells a model what to do. */
function Waits({ code, url, token, viewer }: WaitsProps) {
  return (
    <article class="approval">
      <p>
        <b>{code}</b> Somebody has to allow what the program wants to call. It goes on when that is decided.
      </p>
      {url === undefined ? null : (
        <p>
          <a class="button" href={url}>
            Look at it and decide
          </a>
        </p>
      )}
      <form method="post" action={inSession("/console/resume", viewer)}>
        <FormToken viewer={viewer} />
        <input type="hidden" name="token" value={token} />
        <button type="submit">Decided: go on</button>
      </form>
    </article>
  );
}

function Place({ url }: { url: string }) {
  return /^https?:\/\//.test(url) ? (
    <p>
      <a href={url} rel="noreferrer">
        {url}
      </a>
    </p>
  ) : null;
}
