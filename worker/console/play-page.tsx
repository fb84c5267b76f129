/** @jsxImportSource hono/jsx */
import { Following } from "./following.tsx";
import { Reply, type RunReply } from "./reply.tsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";

export interface PlayView {
  /** The first one runs; the others are imported. */
  files: readonly { path: string; source: string }[];
  /** JSON text, as a person typed it. */
  args: string;
  allowed: string;
  maxRuntimeMs: string;
  /** The saved tool that it is, or is to become. */
  keep: { name: string; description: string; revision: string };
  /** What became of keeping it. */
  kept?: { isRefused: boolean; text: string } | undefined;
  /** Of the program that was just run without a script. */
  reply?: RunReply | undefined;
}

interface PlayProps {
  view: PlayView;
  viewer: Viewer;
  /** Under which the page's policy lets the editor add its styles. */
  styleNonce: string;
}

/** An editor for a program, and what came of it. Without a script it is a form with text areas, and its answer a page. */
export function PlayPage({ view, viewer, styleNonce }: PlayProps) {
  return (
    <Shell title="Playground" viewer={viewer} scripts={["play.js"]}>
      <form id="program" method="post" action={inSession("/console/play", viewer)} data-style-nonce={styleNonce}>
        <FormToken viewer={viewer} />
        {/* First, because Enter in a field is its first button. */}
        <p>
          <button type="submit" name="do" value="run" class="main">
            Run
          </button>{" "}
          <button type="button" id="cancel" disabled hidden>
            Cancel
          </button>{" "}
          <button type="submit" name="do" value="add" formnovalidate>
            Add a file
          </button>
        </p>
        <div id="files">
          {view.files.map((file, at) => (
            <SourceFile file={file} at={at} />
          ))}
        </div>
        <p class="fields">
          <label>
            Arguments (JSON) <input name="args" value={view.args} size={24} />
          </label>
          <label>
            Servers it may use (ids; empty: the default ones) <input name="allowed" value={view.allowed} size={24} />
          </label>
          <label>
            Time in ms <input name="maxRuntimeMs" inputmode="numeric" value={view.maxRuntimeMs} size={8} />
          </label>
        </p>
        <Keeping view={view} />
      </form>
      <Following>{view.reply === undefined ? null : <Reply of={view.reply} viewer={viewer} />}</Following>
    </Shell>
  );
}

function SourceFile({ file: { path, source }, at }: { file: PlayView["files"][number]; at: number }) {
  return (
    <fieldset class="file">
      <legend>{at === 0 ? "The program" : "A file that it imports"}</legend>
      <label>
        Path <input name="path" value={path} size={24} required />
      </label>{" "}
      <button type="submit" name="do" value={`remove ${at}`} formnovalidate hidden={at === 0}>
        Remove this file
      </button>
      <textarea name="source" aria-label={`Source of ${path}`} rows={16} spellcheck={false} required={at === 0}>
        {source}
      </textarea>
    </fieldset>
  );
}

function Keeping({ view: { keep, kept } }: { view: PlayView }) {
  return (
    <details open={kept !== undefined || keep.name !== ""}>
      <summary>Keep it as a tool</summary>
      <p class="fields">
        <label>
          Name <input name="toolName" value={keep.name} size={24} pattern="[a-zA-Z][a-zA-Z0-9._:\-]{2,63}" />
        </label>
        <label>
          What it does (empty: the comment above its entrypoint) <input name="description" value={keep.description} size={40} />
        </label>
        <input type="hidden" name="revision" value={keep.revision} />
        <button type="submit" name="do" value="keep">
          {keep.revision === "" ? "Keep" : `Keep as the revision after ${keep.revision}`}
        </button>
      </p>
      {kept === undefined ? null : <p role={kept.isRefused ? "alert" : "status"}>{kept.text}</p>}
    </details>
  );
}

/** A button that opens a program there, from another page. */
export function OpenInPlayground({ view, viewer }: { view: PlayView; viewer: Viewer }) {
  const { files, keep, args, allowed, maxRuntimeMs } = view;
  const fields = { args, allowed, maxRuntimeMs, toolName: keep.name, description: keep.description, revision: keep.revision };
  return (
    <form method="post" action={inSession("/console/play", viewer)}>
      <FormToken viewer={viewer} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {files.map(({ path, source }) => (
        <>
          <input type="hidden" name="path" value={path} />
          <input type="hidden" name="source" value={source} />
        </>
      ))}
      <button type="submit" name="do" value="open">
        Open in the playground
      </button>
    </form>
  );
}
