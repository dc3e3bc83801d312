import { clearLine, createInterface, cursorTo } from 'node:readline';
import { visibleLines } from '../visible-lines.ts';

/** The people of a day, as far as the program is concerned: they read, answer, and type notes. */
export interface Conversation {
  /** Shows lines. What stands in them may come from the platform. */
  say(text: string): void;
  /**
   * Asks for a line.
   *
   * @returns what was typed; null when nobody is there to answer (any more)
   * @throws the reason of `stop` when that aborts first
   */
  ask(prompt: string, stop: AbortSignal): Promise<string | null>;
  /** Who is told of lines that are typed while nothing is asked. */
  onLine(listener: (line: string) => void): void;
  close(): void;
}

/** Without a terminal: nobody answers. */
export function monologue(output: NodeJS.WritableStream): Conversation {
  return {
    say: (text) => void output.write(`${visibleLines(text)}\n`),
    ask: async () => null,
    onLine() {},
    close() {},
  };
}

const notePrompt = 'note> ';

/**
 * On a terminal. What is said goes above the line that is being typed, which stays as it is.
 *
 * @param interrupted told of Ctrl-C: the terminal gives it to this program alone, as a key
 */
export function onTerminal(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, interrupted: () => void): Conversation {
  const lines = createInterface({ input, output, terminal: true, historySize: 0, prompt: notePrompt });
  let isOpen = true;
  let answer: ((line: string | null) => void) | undefined;
  let note: (line: string) => void = () => {};
  const prompt = (text: string): void => {
    lines.setPrompt(text);
    if (isOpen) lines.prompt(true);
  };
  lines.on('SIGINT', interrupted);
  lines.on('line', (line) => {
    if (answer) return answer(line);
    note(line);
    prompt(notePrompt);
  });
  lines.on('close', () => {
    isOpen = false;
    answer?.(null);
  });
  return {
    say(text) {
      if (isOpen) {
        cursorTo(output, 0);
        clearLine(output, 0);
      }
      output.write(`${visibleLines(text)}\n`);
      if (isOpen) lines.prompt(true);
    },
    async ask(question, stop) {
      stop.throwIfAborted();
      if (!isOpen) return null;
      const { promise, resolve, reject } = Promise.withResolvers<string | null>();
      const onStop = (): void => reject(stop.reason);
      stop.addEventListener('abort', onStop, { once: true });
      answer = resolve;
      prompt(question);
      try {
        return await promise;
      } finally {
        answer = undefined;
        stop.removeEventListener('abort', onStop);
        prompt(notePrompt);
      }
    },
    onLine(listener) {
      note = listener;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      cursorTo(output, 0);
      clearLine(output, 0);
      lines.close();
    },
  };
}
