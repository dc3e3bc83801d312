import type { Entry } from '../../runner/journal.ts';
import { drawBoard } from './board.ts';
import { lineFor } from './lines.ts';
import { follow, newProgress } from './progress.ts';

/** Shows a run as it happens. */
export interface LiveOutput {
  onEntry(entry: Entry): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

const redrawEveryMs = 100;

/**
 * A view that updates in place on a terminal, plain lines on a pipe, the journal's own lines with `json`.
 *
 * @param out where it goes: standard output
 */
export async function liveOutput(out: NodeJS.WriteStream, json: boolean): Promise<LiveOutput> {
  if (json) return { onEntry: (entry) => void out.write(`${JSON.stringify(entry)}\n`), end() {} };
  return out.isTTY ? board(out) : lines(out);
}

function lines(out: NodeJS.WriteStream): LiveOutput {
  const progress = newProgress();
  return {
    onEntry(entry) {
      follow(progress, entry);
      const line = lineFor(entry, progress.firstFaultMs);
      if (line !== undefined) out.write(`${line}\n`);
    },
    end() {},
  };
}

async function board(out: NodeJS.WriteStream): Promise<LiveOutput> {
  const [{ createLogUpdate }, { default: chalk }] = await Promise.all([import('log-update'), import('chalk')]);
  const update = createLogUpdate(out);
  const progress = newProgress();
  const originMs = performance.now();
  let lastEntry = { runMs: 0, heardMs: originMs };
  const draw = (): void => {
    const nowMs = lastEntry.runMs + (performance.now() - lastEntry.heardMs);
    update(drawBoard(progress, nowMs, out.columns ?? 80, chalk));
  };
  const timer = setInterval(draw, redrawEveryMs);
  return {
    onEntry(entry) {
      follow(progress, entry);
      lastEntry = { runMs: entry.t, heardMs: performance.now() };
    },
    end() {
      clearInterval(timer);
      draw();
      update.done();
    },
  };
}
