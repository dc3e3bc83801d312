/** What happens while the lab comes up, for whoever asks, from the beginning. */
export type ProgressEvent =
  | { readonly type: 'step'; readonly text: string; readonly afterMs: number }
  | { readonly type: 'ready'; readonly afterMs: number }
  /** With `toldAll`, the lab's log has no more to say. */
  | { readonly type: 'failed'; readonly message: string; readonly toldAll: boolean };

export interface Progress {
  step(text: string): void;
  ready(): void;
  failed(message: string, toldAll: boolean): void;
  isReady(): boolean;
  /** Gives each event, past and future, until the last one or until `gone`. */
  follow(listener: (event: ProgressEvent) => void, gone: AbortSignal): Promise<void>;
}

export function createProgress(): Progress {
  const startedAt = performance.now();
  const afterMs = (): number => Math.round(performance.now() - startedAt);
  const events: ProgressEvent[] = [];
  const wakers = new Set<() => void>();

  function add(event: ProgressEvent): void {
    events.push(event);
    for (const wake of wakers) wake();
  }

  return {
    step: (text) => add({ type: 'step', text, afterMs: afterMs() }),
    ready: () => add({ type: 'ready', afterMs: afterMs() }),
    failed: (message, toldAll) => add({ type: 'failed', message, toldAll }),
    isReady: () => events.at(-1)?.type === 'ready',
    follow: (listener, gone) =>
      new Promise((resolve) => {
        let next = 0;
        const stop = (): void => {
          wakers.delete(wake);
          resolve();
        };
        const wake = (): void => {
          for (; next < events.length; next++) {
            const event = events[next]!;
            listener(event);
            if (event.type !== 'step') return stop();
          }
        };
        wakers.add(wake);
        gone.addEventListener('abort', stop);
        wake();
      }),
  };
}
