import { PostgreSQL, SQLite, sql as sqlLanguage } from "@codemirror/lang-sql";
import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { HighlightStyle, bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import type { DecorationSet } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef } from "react";
import type { Ref } from "react";
import type { Engine, TableBrief } from "../api/types.ts";
import { nonce } from "../shell/nonce.ts";
import { editing } from "./history.ts";
import { written } from "./sql.ts";

export interface SqlPlace {
  /** 1-based. */
  line: number;
  /** 1-based, in characters. */
  column: number;
}

export interface SqlEditorHandle {
  insert(text: string): void;
  replace(text: string): void;
  focus(): void;
}

interface SqlEditorProps {
  /** What stands in it at first; later changes come through the handle. */
  initial: string;
  tables: TableBrief[];
  engine?: Engine;
  label: string;
  onSql: (sql: string) => void;
  onRun: () => void;
  /** Escape, where no menu of the editor takes it. */
  onEscape?: () => void;
  /** Underlined until the text changes. */
  wrongAt?: SqlPlace | null;
  small?: boolean;
  ref?: Ref<SqlEditorHandle>;
}

const setWrong = StateEffect.define<SqlPlace | null>();
const wrongMark = Decoration.mark({ class: "cm-wrong" });

const wrongField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(setWrong)) return effect.value ? markAt(transaction.state, effect.value) : Decoration.none;
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markAt(state: EditorState, place: SqlPlace): DecorationSet {
  if (place.line > state.doc.lines) return Decoration.none;
  const line = state.doc.line(place.line);
  // The server counts characters, the editor UTF-16 units.
  const from = Math.min(line.to, line.from + Array.from(line.text).slice(0, place.column - 1).join("").length);
  const word = /^[\p{L}\p{N}_$."]+|^./u.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
  if (word === 0) return line.length === 0 ? Decoration.none : Decoration.set(wrongMark.range(Math.max(line.from, from - 1), line.to));
  return Decoration.set(wrongMark.range(from, from + word));
}

// The default style's tags with colours of our own, which follow the look.
const colours: Record<string, string> = {
  "#708": "light-dark(#7a2a90, #d5a6e6)", "#219": "light-dark(#1c4fa0, #8db8f2)", "#164": "light-dark(#0f6645, #79d0a5)", "#a11": "light-dark(#a3341c, #f2a98f)",
  "#e40": "light-dark(#b3541e, #f0a878)", "#00f": "light-dark(#1c4fa0, #8db8f2)", "#30a": "light-dark(#43308f, #b9aef0)", "#085": "light-dark(#0b6a58, #74cdb9)",
  "#167": "light-dark(#12606e, #7cc7d4)", "#256": "light-dark(#2b5a68, #9cc4cf)", "#00c": "light-dark(#1c4fa0, #8db8f2)", "#940": "light-dark(#6c6f76, #8f9aa6)", "#f00": "var(--bad)",
};
const highlight = HighlightStyle.define(defaultHighlightStyle.specs.map((spec) => (spec["color"] ? { ...spec, color: colours[String(spec["color"])] ?? "inherit" } : spec)));

const theme = EditorView.theme({
  "&": { fontSize: "0.9rem", backgroundColor: "var(--paper)", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.65" },
  ".cm-content": { caretColor: "var(--ink)", padding: "10px 0" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--ink-2)", border: "none", paddingLeft: "4px", fontVariantNumeric: "tabular-nums" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 5%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 14%, transparent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--good) 25%, transparent)" },
  ".cm-placeholder": { color: "var(--ink-2)" },
  ".cm-tooltip": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "8px", overflow: "hidden", boxShadow: "0 8px 24px rgb(0 0 0 / 0.16)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "0.84rem", maxHeight: "15em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 10px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
  ".cm-completionDetail": { color: "var(--ink-2)", fontStyle: "normal" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-panels": { backgroundColor: "var(--paper-2)", color: "var(--ink)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "4px", backgroundColor: "var(--bad-soft)" },
});

/** What the team says of it, beside the list. */
const infoOf = (words: string | undefined): { info?: string } => (words ? { info: words } : {});

function languageFor(tables: TableBrief[], engine: Engine) {
  const schema = Object.fromEntries(
    tables.map((table) => [
      table.name,
      { self: { label: table.name, apply: written(table.name), type: "type", ...infoOf(table.words) }, children: table.columns.map((column) => ({ label: column.name, apply: written(column.name), detail: column.type.toLowerCase(), type: "property", ...infoOf(column.words) })) },
    ]),
  );
  const only = tables.length === 1 ? tables[0]?.name : undefined;
  // DuckDB's words are PostgreSQL's, nearly all of them.
  return sqlLanguage({ dialect: engine === "duckdb" ? PostgreSQL : SQLite, schema, ...(only === undefined ? {} : { defaultTable: only }) });
}

/** The SQL, with completion of tables and columns. Control- or Command-Enter runs it. */
export default function SqlEditor({ initial, tables, engine = "sqlite", label, onSql, onRun, onEscape, wrongAt = null, small = false, ref }: SqlEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const handlers = useRef({ onSql, onRun, onEscape });
  handlers.current = { onSql, onRun, onEscape };
  const first = useRef({ initial, tables, engine, label });
  useEffect(() => {
    const run = (view: EditorView): boolean => {
      closeCompletion(view);
      handlers.current.onRun();
      return true;
    };
    const escape = (): boolean => {
      handlers.current.onEscape?.();
      return false;
    };
    const editor = new EditorView({
      parent: frame.current!,
      state: EditorState.create({
        doc: first.current.initial,
        extensions: [
          EditorView.cspNonce.of(nonce),
          Prec.highest(keymap.of([{ key: "Mod-Enter", run }, { key: "Ctrl-Enter", run }])),
          Prec.low(keymap.of([{ key: "Escape", run: escape }])),
          keymap.of([...closeBracketsKeymap, ...completionKeymap]),
          lineNumbers(), highlightSpecialChars(), drawSelection(), highlightActiveLine(), bracketMatching(), closeBrackets(), autocompletion({ icons: false }), editing(),
          syntaxHighlighting(highlight), theme, wrongField, EditorView.lineWrapping,
          language.current.of(languageFor(first.current.tables, first.current.engine)),
          placeholder("select …"),
          EditorView.contentAttributes.of({ "aria-label": first.current.label, autocapitalize: "off", spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onSql(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => view.current?.dispatch({ effects: language.current.reconfigure(languageFor(tables, engine)) }), [tables, engine]);
  useEffect(() => view.current?.dispatch({ effects: setWrong.of(wrongAt) }), [wrongAt]);
  useImperativeHandle(ref, () => ({
    insert(text) {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
    replace(text) {
      const editor = view.current;
      if (!editor || editor.state.doc.toString() === text) return;
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    },
    focus: () => view.current?.focus(),
  }), []);
  return <div ref={frame} className={`rounded-lg border border-line-2/70 overflow-hidden focus-within:border-accent focus-within:ring-1 focus-within:ring-accent [&_.cm-scroller]:overflow-auto ${small ? "[&_.cm-editor]:min-h-[110px] [&_.cm-editor]:max-h-[260px] [&_.cm-editor]:!text-[0.8rem] [&_.cm-gutters]:!hidden [&_.cm-line]:px-3" : "[&_.cm-editor]:min-h-[150px] [&_.cm-editor]:max-h-[42vh]"}`} />;
}

