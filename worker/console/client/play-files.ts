import type { CompletionSource } from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import { EditorState, type Text } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";

/* The files of the playground's program: one editor, which shows one of them, and a button for each. Without a script each is a text area. */

export interface Problem {
  message: string;
  file?: string;
  line?: number;
  column?: number;
}

interface ProgramFile {
  /** Its part of the form. */
  row: HTMLElement;
  path: HTMLInputElement;
  source: HTMLTextAreaElement;
  state: EditorState;
  button: HTMLButtonElement;
}

interface ProgramFilesParts {
  form: HTMLFormElement;
  complete: CompletionSource;
  /** What a run would refuse. */
  check: () => Promise<readonly Problem[]>;
  start: () => void;
}

export class ProgramFiles {
  readonly #parts: ProgramFilesParts;
  readonly #list: HTMLElement;
  readonly #buttons = document.createElement("div");
  readonly #files: ProgramFile[];
  readonly #editor: EditorView;
  #shown: ProgramFile;

  constructor(parts: ProgramFilesParts) {
    this.#parts = parts;
    const list = parts.form.querySelector<HTMLElement>("#files");
    const rows = [...(list?.querySelectorAll<HTMLElement>(".file") ?? [])];
    this.#files = rows.map((row) => this.#fileIn(row));
    const [first] = this.#files;
    if (list === null || first === undefined) throw new Error("the page has no program");
    this.#list = list;
    this.#shown = first;
    this.#buttons.role = "group";
    this.#buttons.ariaLabel = "Files";
    list.before(this.#buttons);
    this.#editor = new EditorView({ state: first.state });
    this.#show(first);
  }

  /** Writes what was typed into the form. */
  save(): void {
    this.#shown.state = this.#editor.state;
    for (const { source, state } of this.#files) source.value = state.doc.toString();
  }

  add(): void {
    const [first] = this.#files;
    if (first === undefined) return;
    const row = first.row.cloneNode(true) as HTMLElement;
    row.querySelector(".cm-editor")?.remove();
    const legend = row.querySelector("legend");
    if (legend) legend.textContent = "A file that it imports";
    const file = this.#fileIn(row, "export {};\n");
    file.path.value = this.#freePath();
    file.source.required = false;
    this.#list.append(row);
    this.#files.push(file);
    this.#show(file);
    file.path.focus();
  }

  removeShown(): void {
    const at = this.#files.indexOf(this.#shown);
    const before = this.#files[at - 1];
    // The first one is the program itself.
    if (before === undefined) return;
    const [removed] = this.#files.splice(at, 1);
    this.#show(before);
    removed?.row.remove();
    this.#editor.focus();
  }

  #freePath(): string {
    const paths = this.#files.map(({ path }) => path.value);
    let number = this.#files.length;
    while (paths.includes(`file${number}.ts`)) number += 1;
    return `file${number}.ts`;
  }

  #fileIn(row: HTMLElement, text?: string): ProgramFile {
    const path = row.querySelector<HTMLInputElement>('input[name="path"]');
    const source = row.querySelector("textarea");
    if (path === null || source === null) throw new Error("a file has no path or source");
    source.hidden = true;
    const button = document.createElement("button");
    button.type = "button";
    const file = { row, path, source, button, state: this.#stateOf(text ?? source.value) };
    button.onclick = () => {
      this.#show(file);
      this.#editor.focus();
    };
    path.addEventListener("input", () => this.#label(file, 0));
    return file;
  }

  #stateOf(doc: string): EditorState {
    const { complete, start, form } = this.#parts;
    const startByKey = () => {
      start();
      return true;
    };
    return EditorState.create({
      doc,
      extensions: [
        // Before the basic keys, in which Enter with a modifier inserts a line.
        keymap.of([{ key: "Mod-Enter", run: startByKey }]),
        basicSetup,
        javascript({ typescript: true }),
        syntaxHighlighting(classHighlighter),
        EditorState.languageData.of(() => [{ autocomplete: complete }]),
        lintGutter(),
        linter(() => this.#check(), { delay: 900 }),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(form.dataset.styleNonce ?? ""),
        EditorView.contentAttributes.of({ "aria-label": "Program" }),
      ],
    });
  }

  #show(file: ProgramFile): void {
    if (file !== this.#shown) this.#shown.state = this.#editor.state;
    this.#shown = file;
    if (this.#editor.state !== file.state) this.#editor.setState(file.state);
    file.row.append(this.#editor.dom);
    for (const other of this.#files) {
      other.row.hidden = other !== file;
      other.button.ariaPressed = String(other === file);
      this.#label(other, 0);
    }
    for (const remove of file.row.querySelectorAll<HTMLElement>('button[value^="remove"]'))
      remove.hidden = file === this.#files[0];
    this.#buttons.replaceChildren(...this.#files.map(({ button }) => button));
    this.#buttons.hidden = this.#files.length === 1;
  }

  #label({ button, path }: ProgramFile, problems: number): void {
    button.textContent = problems === 0 ? path.value : `${path.value} ✕ ${problems}`;
  }

  /** What is wrong with the file that is shown, at its place; how much is wrong with the others, their buttons say. */
  async #check(): Promise<Diagnostic[]> {
    const problems = await this.#parts.check();
    const byFile = Map.groupBy(problems, ({ file }) => this.#files.find(({ path }) => path.value === file) ?? this.#files[0]);
    for (const file of this.#files) this.#label(file, byFile.get(file)?.length ?? 0);
    const { doc } = this.#editor.state;
    return (byFile.get(this.#shown) ?? []).map((problem) => ({
      severity: "error",
      message: problem.message,
      ...placeOf(doc, problem),
    }));
  }
}

function placeOf(doc: Text, { line = 1, column = 1 }: Problem): { from: number; to: number } {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
  return { from: Math.min(from + column - 1, to), to };
}
