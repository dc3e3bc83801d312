import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createMask } from '../../../runner/mask.ts';
import type { Entry, EntryBodies } from '../../../runner/journal.ts';
import { judge } from '../../../runner/judge.ts';
import { createNotifier } from '../../../runner/notify/notifier.ts';
import { notifySchema } from '../../../runner/notify/settings.ts';
import type { Message } from '../../../runner/notify/webhook.ts';
import { JournalBuilder, answers } from '../journal-builder.ts';
import { simulatedClock, type SimulatedClock } from '../simulated-clock.ts';

const secret = 'a-secret-of-the-receivers';
const settings = notifySchema.parse({
  webhooks: { ops: { url: 'https://ops.example.com/hook', secret } },
  slack: { room: { url: 'https://hooks.slack.com/services/', token: 'T0/B0/XXXX', on: ['abort', 'verdict'] } },
});

function story(outcome: 'finished' | 'aborted' = 'finished'): Entry[] {
  const builder = new JournalBuilder().observe('writes', answers(-5_000, 9_000)).fault(0, 'zone');
  if (outcome === 'aborted') builder.add(5_000, 'abort', { reason: 'writes was bad for 5 s: hunter2-hunter2 refused' }).add(5_001, 'phase', { phase: 'undo' });
  return builder.end(8_000, 9_000, outcome, 'it was over').entries;
}

interface Sent {
  readonly url: string;
  readonly message: Message;
  readonly atMs: number;
}

/** A run that is told of, and what came of it. */
async function told(entries: readonly Entry[], answer: (sent: Sent, signal: AbortSignal) => Promise<number>, mask = createMask()) {
  const clock: SimulatedClock = simulatedClock();
  const sent: Sent[] = [];
  const recorded: EntryBodies['notification'][] = [];
  const notifier = createNotifier({
    settings, clock, mask,
    record: (body) => void recorded.push(body),
    post: (url, message, signal) => {
      const one = { url, message, atMs: clock.now() };
      sent.push(one);
      return answer(one, signal);
    },
  });
  for (const entry of entries) notifier.onEntry(entry);
  const startMs = clock.now();
  const failed = await clock.until(notifier.conclude(judge(entries)));
  return { sent, recorded, failed, tookMs: clock.now() - startMs };
}

const fine = async (): Promise<number> => 204;
const never = (_: Sent, signal: AbortSignal): Promise<number> => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const bodies = (sent: readonly Sent[], host: string): Record<string, unknown>[] => sent.filter(({ url }) => url.includes(host)).map(({ message }) => JSON.parse(message.body) as Record<string, unknown>);

describe('notifications', () => {
  it('tell each receiver of what it wants to hear, in order, and write down that they did', async () => {
    const { sent, recorded, failed } = await told(story(), fine);
    const heard = bodies(sent, 'ops.example.com');
    assert.deepEqual(heard.map(({ about }) => about), ['start', 'verdict']);
    assert.deepEqual(Object.keys(heard[1]!), ['version', 'id', 'about', 'at', 'run', 'says', 'verdict']);
    assert.deepEqual(heard[1]!['verdict'], {
      value: 'held', exitCode: 0, command: 'firedrill run etcd-zone-plus-one --seed 42',
      slos: [{ name: 'writes are back within 5 s', verdict: 'held', objective: 'longest outage at most 5 s', measured: 'none longer than 40 ms' }],
    });
    assert.deepEqual(sent.map(({ url }) => url).filter((url) => url.includes('slack')), ['https://hooks.slack.com/services/T0/B0/XXXX']);
    assert.equal(failed, false);
    assert.deepEqual(recorded.map(({ to, about, outcome }) => `${to} ${about} ${outcome}`).sort(), ['slack room verdict delivered', 'webhook ops start delivered', 'webhook ops verdict delivered']);
  });

  it('tell once that a run is aborted, and why, without the secrets in it', async () => {
    const mask = createMask();
    mask.add('hunter2-hunter2', { of: 'x' });
    const { sent } = await told(story('aborted'), fine, mask);
    const heard = bodies(sent, 'ops.example.com');
    assert.deepEqual(heard.map(({ about }) => about), ['start', 'abort', 'verdict']);
    assert.equal(heard[1]!['says'], 'The drill is aborted, and what it broke is put back: writes was bad for 5 s: *** refused');
    assert.ok(!JSON.stringify(sent).includes('hunter2'));
  });

  it('are signed as docs/notifications.md tells receivers to verify it', async () => {
    const { sent } = await told(story(), fine);
    const { headers, body } = sent.find(({ url }) => url.includes('ops'))!.message;
    const timestamp = headers['x-firedrill-timestamp']!;
    assert.match(timestamp, /^\d{10}$/);
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    assert.equal(headers['x-firedrill-signature'], `v1=${expected}`);
    assert.equal(headers['x-firedrill-id'], '20261123T102133Z-etcd-zone-plus-one-7f3a/start');
  });

  it('put a name from the platform into Slack so that it mentions nobody and links nowhere', async () => {
    const { sent } = await told(new JournalBuilder().observe('writes', answers(-5_000, 10, 'b', { why: '<!channel> <https://x|y> & *b*' })).end(10, 20, 'failed', '<!channel> *now*').entries, fine);
    const [{ text }] = bodies(sent, 'slack') as [{ text: string }];
    assert.doesNotMatch(text, /<|\*now\*/);
    assert.match(text, /&lt;!channel&gt;/);
  });

  for (const [what, answer, says] of [
    ['nobody answers', never, /^webhook ops: no answer within 5000 ms$|^given up 5 s after/],
    ['the connection is refused', async () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:1')), /^connect ECONNREFUSED/],
    ['it is refused', async () => 403, /^it answers 403$/],
    ['it is redirected', async () => 302, /^it answers 302$/],
    ['the receiver is broken', async () => 503, /^it answers 503$/],
  ] as const) {
    it(`fail into the journal alone, and soon, when ${what}`, async () => {
      const { recorded, failed, tookMs } = await told(story('aborted'), answer);
      assert.equal(failed, true);
      assert.deepEqual(recorded.filter(({ to }) => to === 'webhook ops').map(({ about }) => about), ['start', 'abort', 'verdict']);
      for (const { outcome } of recorded) assert.match(outcome, says);
      assert.ok(tookMs <= 5_000, `${tookMs} ms`);
    });
  }

  it('are tried again when the receiver is busy, signed anew', async () => {
    let asked = 0;
    const { sent, recorded } = await told(story(), async () => ((asked += 1) <= 2 ? 429 : 200));
    const first = sent.filter(({ message }) => message.headers['x-firedrill-id']?.endsWith('/start'));
    assert.equal(first.length, 2);
    assert.ok(first[1]!.atMs - first[0]!.atMs >= 1_000);
    assert.notEqual(first[0]!.message.headers['x-firedrill-signature'], first[1]!.message.headers['x-firedrill-signature']);
    assert.ok(recorded.every(({ outcome }) => outcome === 'delivered'));
  });

  it('that failed are notes in the report, and make the run no longer', () => {
    const entries = story();
    const before = judge(entries);
    const last = entries.at(-1)!;
    const late = { seq: last.seq + 1, at: '2026-11-23T11:00:00.000Z', t: last.t + 60_000, type: 'notification', to: 'webhook ops', about: 'verdict', outcome: 'it answers 503' } as Entry;
    const after = judge([...entries, late]);
    assert.deepEqual(after.run, before.run);
    assert.deepEqual(after.notes.filter(({ text }) => text.includes('webhook')).map(({ text }) => text), ['webhook ops was not told of the verdict: it answers 503']);
    assert.deepEqual(judge([...entries, { ...late, outcome: 'delivered' } as Entry]), before);
  });
});
