import { EtcdError } from '../etcd/session.ts';
import type { Etcd } from '../etcd/client.ts';

/** The key over which several API servers agree who compacts; the same as the real one's. */
const key = 'compact_rev_key';

/**
 * Lets etcd forget, every `everyMs`, what was older than that: of several servers the one that is first with its write does it.
 * A failure is of no consequence, as the next turn makes up for it.
 */
export function compactRegularly(etcd: Etcd, everyMs: number, onTrouble: (what: string, error: unknown) => void): () => void {
  let known = { modRevision: 0, revision: 0 };
  const turn = async (): Promise<void> => {
    const answer = await etcd.write({ key, modRevision: known.modRevision, value: new TextEncoder().encode(String(known.revision)) });
    if (!answer.succeeded) {
      known = { modRevision: answer.current?.modRevision ?? 0, revision: answer.revision };
      return;
    }
    const before = known.revision;
    known = { modRevision: answer.revision, revision: answer.revision };
    if (before > 0) await etcd.compact(before);
  };
  const timer = setInterval(() => {
    turn().catch((error: unknown) => {
      if (!(error instanceof EtcdError)) onTrouble('compacting etcd failed', error);
    });
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
