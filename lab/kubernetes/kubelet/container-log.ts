import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** What one run of a container wrote, in the form of the container runtimes: time, stream, `F` for a whole line, text. */
export interface ContainerLog {
  write(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** The container has ended; those who follow are done. */
  end(): void;
  read(): LogLine[];
  /** Called with each line from now on, until the log ends or the returned function is called. */
  follow(onLine: (line: LogLine) => void, onEnd: () => void): () => void;
}

export interface LogLine {
  /** RFC 3339. */
  readonly time: string;
  readonly text: string;
}

/** A file beyond this becomes the old one, and the one before that is dropped. */
const rotateAtBytes = 262_144;
/** A line beyond this is cut, as runtimes do. */
const longestLineChars = 16_384;

export function openContainerLog(path: string): ContainerLog {
  mkdirSync(dirname(path), { recursive: true });
  let file = openSync(path, 'a');
  let sizeBytes = 0;
  let isOver = false;
  const pending = { stdout: '', stderr: '' };
  const followers = new Set<{ onLine: (line: LogLine) => void; onEnd: () => void }>();

  function put(stream: 'stdout' | 'stderr', text: string): void {
    const line = { time: new Date().toISOString().replace('Z', '000000Z'), text };
    sizeBytes += writeSync(file, `${line.time} ${stream} F ${text}\n`);
    if (sizeBytes > rotateAtBytes) {
      closeSync(file);
      renameSync(path, `${path}.1`);
      file = openSync(path, 'a');
      sizeBytes = 0;
    }
    for (const { onLine } of followers) onLine(line);
  }

  return {
    write(stream, chunk) {
      if (isOver) return;
      const lines = (pending[stream] + chunk.toString()).split('\n');
      pending[stream] = lines.pop() ?? '';
      for (const line of lines) put(stream, line);
      if (pending[stream].length > longestLineChars) {
        put(stream, pending[stream]);
        pending[stream] = '';
      }
    },
    end() {
      if (isOver) return;
      for (const stream of ['stdout', 'stderr'] as const) if (pending[stream] !== '') put(stream, pending[stream]);
      isOver = true;
      closeSync(file);
      for (const { onEnd } of followers) onEnd();
      followers.clear();
    },
    read: () => [`${path}.1`, path].filter((each) => existsSync(each)).flatMap((each) => parseLog(readFileSync(each, 'utf8'))),
    follow(onLine, onEnd) {
      if (isOver) {
        onEnd();
        return () => {};
      }
      const follower = { onLine, onEnd };
      followers.add(follower);
      return () => void followers.delete(follower);
    },
  };
}

function parseLog(text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\S+) \S+ F ?(.*)$/s.exec(line);
    return match === null ? [] : [{ time: match[1]!, text: match[2]! }];
  });
}

/** What of a log is asked for. */
export interface LogSelection {
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: string | undefined;
  readonly limitBytes: number | undefined;
  readonly timestamps: boolean;
}

export function selectLines(lines: readonly LogLine[], selection: LogSelection, nowMs: number): string {
  const { tailLines, sinceSeconds, sinceTime, limitBytes } = selection;
  const fromMs = sinceSeconds !== undefined ? nowMs - sinceSeconds * 1000 : sinceTime !== undefined ? Date.parse(sinceTime) : -Infinity;
  const recent = lines.filter((line) => Date.parse(line.time) >= fromMs);
  const wanted = tailLines === undefined ? recent : tailLines === 0 ? [] : recent.slice(-tailLines);
  const text = wanted.map((line) => formatLine(line, selection.timestamps)).join('');
  return limitBytes === undefined ? text : Buffer.from(text).subarray(0, limitBytes).toString();
}

export const formatLine = ({ time, text }: LogLine, timestamps: boolean): string => `${timestamps ? `${time} ` : ''}${text}\n`;
