/** The last lines that a machine wrote, within fixed bounds. */
export interface Console {
  write(chunk: Buffer | string): void;
  text(): string;
  /** Called with all that is written from now on; returns the way to stop. */
  follow(listener: (text: string) => void): () => void;
}

/** EC2 keeps the last 64 KiB too. */
const keptChars = 65_536;

export function createConsole(): Console {
  let kept = '';
  const followers = new Set<(text: string) => void>();
  return {
    write(chunk) {
      const text = chunk.toString();
      kept += text;
      // Cut rarely and at a line's start, so that a chatty machine doesn't copy its whole console with every line.
      if (kept.length > keptChars * 2) {
        const cut = kept.slice(-keptChars);
        kept = cut.slice(cut.indexOf('\n') + 1);
      }
      for (const follower of followers) follower(text);
    },
    text: () => (kept.length > keptChars ? kept.slice(kept.indexOf('\n', kept.length - keptChars) + 1) : kept),
    follow(listener) {
      followers.add(listener);
      return () => followers.delete(listener);
    },
  };
}
