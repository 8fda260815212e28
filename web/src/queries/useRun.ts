import { useCallback, useEffect, useRef, useState } from "react";
import { isAborted } from "../api/api.ts";
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
    ask(database, question, controller.signal).then(
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
