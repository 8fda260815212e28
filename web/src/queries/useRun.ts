import { useCallback, useEffect, useRef, useState } from "react";
import { Problem, isAborted } from "../api/api.ts";
import { ask } from "../api/data.ts";
import type { QueryAnswer, QueryAsk } from "../api/types.ts";

export interface Run {
  answer: QueryAnswer | null;
  /** What the answer is to. */
  asked: QueryAsk | null;
  error: unknown;
  running: boolean;
  cancelled: boolean;
  /** Since the question was asked; counts while it runs. */
  elapsedMs: number;
  run: (question: QueryAsk) => void;
  cancel: () => void;
}

const tickMs = 100;

/** The server waits for a columnar copy as long as a question may take; a large one takes longer, and who asked can stop it. */
async function askUntilReady(database: string, question: QueryAsk, signal: AbortSignal): Promise<QueryAnswer> {
  for (;;) {
    try {
      return await ask(database, question, signal);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "COLUMNAR_NOT_READY") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    signal.throwIfAborted();
  }
}

/** One question at a time: a new one, cancel, or leaving the page stops the one before, here and on the server. */
export function useRun(database: string): Run {
  const [state, setState] = useState<Pick<Run, "answer" | "asked" | "error" | "running" | "cancelled">>({ answer: null, asked: null, error: null, running: false, cancelled: false });
  const [elapsedMs, setElapsed] = useState(0);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  useEffect(() => {
    if (!state.running) return;
    const from = performance.now();
    setElapsed(0);
    const timer = setInterval(() => setElapsed(performance.now() - from), tickMs);
    return () => clearInterval(timer);
  }, [state.running]);
  const run = useCallback((question: QueryAsk) => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    setState((before) => ({ ...before, error: null, running: true, cancelled: false }));
    askUntilReady(database, question, controller.signal).then(
      (answer) => { if (current.current === controller) setState({ answer, asked: { ...question, version: answer.version }, error: null, running: false, cancelled: false }); },
      (error: unknown) => {
        if (current.current !== controller) return;
        setState((before) => ({ ...before, error: isAborted(error) ? null : error, running: false, cancelled: isAborted(error) }));
      },
    );
  }, [database]);
  const cancel = useCallback(() => current.current?.abort(), []);
  return { ...state, elapsedMs, run, cancel };
}
