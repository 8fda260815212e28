import { Annotation, ChangeSet, EditorSelection, StateEffect, StateField, Transaction } from "@codemirror/state";
import type { Extension, StateCommand } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

interface Step {
  /** Takes the change back. */
  inverse: ChangeSet;
  selection: EditorSelection;
}

interface History {
  done: Step[];
  undone: Step[];
  /** When the last change came, to join what is typed in one go. */
  lastMs: number;
}

const stepsMax = 500;
const joinMs = 600;

const fromHistory = Annotation.define<"undo" | "redo">();
const nothing = StateEffect.define<null>();

const historyField = StateField.define<History>({
  create: () => ({ done: [], undone: [], lastMs: 0 }),
  update(history, transaction) {
    if (!transaction.docChanged) return history;
    const step: Step = { inverse: transaction.changes.invert(transaction.startState.doc), selection: transaction.startState.selection };
    const side = transaction.annotation(fromHistory);
    if (side === "undo") return { done: history.done.slice(0, -1), undone: [...history.undone, step], lastMs: 0 };
    if (side === "redo") return { done: [...history.done, step], undone: history.undone.slice(0, -1), lastMs: 0 };
    if (transaction.annotation(Transaction.addToHistory) === false) return history;
    const now = transaction.annotation(Transaction.time) ?? 0;
    const before = history.done[history.done.length - 1];
    if (before && transaction.isUserEvent("input.type") && now - history.lastMs < joinMs) {
      const joined: Step = { inverse: step.inverse.compose(before.inverse), selection: before.selection };
      return { done: [...history.done.slice(0, -1), joined], undone: [], lastMs: now };
    }
    return { done: [...history.done.slice(-stepsMax + 1), step], undone: [], lastMs: now };
  },
});

const move = (side: "undo" | "redo"): StateCommand => ({ state, dispatch }) => {
  const history = state.field(historyField);
  const step = (side === "undo" ? history.done : history.undone).at(-1);
  if (!step || step.inverse.length !== state.doc.length) return false;
  const end = step.inverse.newLength;
  const { anchor, head } = step.selection.main;
  dispatch(state.update({
    changes: step.inverse, selection: EditorSelection.single(Math.min(anchor, end), Math.min(head, end)), annotations: fromHistory.of(side), effects: nothing.of(null), scrollIntoView: true, userEvent: side,
  }));
  return true;
};

/** A new line that begins as far in as the one before. */
const newLine: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly) return false;
  const change = state.changeByRange(({ from, to }) => {
    const indent = /^[ \t]*/.exec(state.doc.lineAt(from).text)?.[0] ?? "";
    const text = `\n${indent.slice(0, from - state.doc.lineAt(from).from)}`;
    return { changes: { from, to, insert: text }, range: EditorSelection.cursor(from + text.length) };
  });
  dispatch(state.update(change, { scrollIntoView: true, userEvent: "input" }));
  return true;
};

/**
 * What is typed over a selection, or deletes it, is put in by the editor itself: the browser would try to keep the look
 * of the replaced text with style attributes, which the content policy forbids.
 */
function replaceSelected(event: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  const text = event.inputType === "insertText" ? event.data : event.inputType.startsWith("delete") ? "" : null;
  if (empty || text === null || event.isComposing || view.composing || view.state.readOnly) return false;
  event.preventDefault();
  const insert = (): Transaction => view.state.update(view.state.replaceSelection(text), { scrollIntoView: true, userEvent: text === "" ? "delete.selection" : "input.type" });
  if (text === "" || !view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert))) view.dispatch(insert());
  return true;
}

/** Undo, redo and lines that keep their indentation. */
export function editing(): Extension {
  const undo = move("undo");
  const redo = move("redo");
  return [
    historyField,
    keymap.of([
      { key: "Mod-z", run: undo, preventDefault: true }, { key: "Mod-Shift-z", run: redo, preventDefault: true }, { key: "Mod-y", run: redo, preventDefault: true }, { key: "Enter", run: newLine },
    ]),
    // The browser's own undo, from a menu, would change the text behind the editor's back.
    EditorView.domEventHandlers({
      beforeinput(event, view) {
        if (replaceSelected(event, view)) return true;
        const command = event.inputType === "historyUndo" ? undo : event.inputType === "historyRedo" ? redo : null;
        if (!command) return false;
        event.preventDefault();
        return command(view);
      },
    }),
  ];
}
