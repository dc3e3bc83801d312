import { withDeadline, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Entry, EntryBodies } from '../journal.ts';
import type { Mask } from '../mask.ts';
import type { JudgedRun } from '../verdict.ts';
import { abortNotice, startNotice, verdictNotice, whyAborted, type Notice } from './notice.ts';
import type { NotifySettings, Occasion } from './settings.ts';
import { slackMessage } from './slack.ts';
import { webhookMessage, type Message } from './webhook.ts';

/** How long an answer is waited for; how often, and after what pause, it is tried when none comes. Milliseconds. */
const attempt = { deadlineMs: 5_000, times: 2, pauseMs: 1_000 };
/** How long the end of a run waits for what is still under way. */
const graceMs = 5_000;

/** Tells the receivers of an environment what becomes of a run, beside it: it waits for none of them. */
export interface Notifier {
  /** Takes each entry of the journal as it is written. Never throws, and returns at once. */
  onEntry(entry: Entry): void;
  /**
   * Tells how the run was judged, and waits a few seconds for all that is still under way. What is not delivered by then is
   * given up.
   *
   * @returns whether something could not be delivered since {@link onEntry} heard the end of the run; it is in the journal
   */
  conclude(run: JudgedRun): Promise<boolean>;
}

export interface NotifierOptions {
  readonly settings: NotifySettings;
  readonly clock: Clock;
  /** Takes the secrets out of what is sent. */
  readonly mask: Mask;
  /** Writes down what became of a message. */
  record(body: EntryBodies['notification']): void;
  /** @returns the status of the answer */
  post(url: string, message: Message, signal: AbortSignal): Promise<number>;
}

interface Receiver {
  readonly name: string;
  readonly url: string;
  readonly on: readonly Occasion[];
  message(notice: Notice): Message;
}

export function createNotifier({ settings, clock, mask, record, post }: NotifierOptions): Notifier {
  const receivers = receiversOf(settings, clock);
  /** What each receiver is still to be told: one after the other, so that a verdict comes after its start. */
  const queues = new Map(receivers.map(({ name }) => [name, Promise.resolve()]));
  const givingUp = new AbortController();
  let started: Extract<Entry, { type: 'run.started' }> | undefined;
  let aborted = false;
  let failedAtEnd = false;

  const deliver = async (receiver: Receiver, notice: Notice): Promise<void> => {
    const outcome = await outcomeOf(receiver, notice);
    if (outcome !== 'delivered') failedAtEnd = true;
    record({ to: receiver.name, about: notice.about, outcome });
  };
  const outcomeOf = async (receiver: Receiver, notice: Notice): Promise<string> => {
    let why = '';
    for (let tried = 1; tried <= attempt.times; tried += 1) {
      try {
        givingUp.signal.throwIfAborted();
        const send = (signal: AbortSignal): Promise<number> => post(receiver.url, receiver.message(notice), signal);
        const status = await withDeadline(clock, attempt.deadlineMs, receiver.name, send, givingUp.signal);
        if (status >= 200 && status < 300) return 'delivered';
        why = `it answers ${status}`;
        if (!mayBeTriedAgain(status)) return why;
        if (tried < attempt.times) await clock.sleep(attempt.pauseMs, givingUp.signal);
      } catch (error) {
        why = messageOf(error);
        if (givingUp.signal.aborted) return why;
        if (tried < attempt.times) await clock.sleep(attempt.pauseMs, givingUp.signal).catch(() => undefined);
      }
    }
    return why;
  };
  const tell = (notice: Notice): void => {
    const masked = mask.data(notice);
    for (const receiver of receivers) {
      if (!receiver.on.includes(notice.about)) continue;
      queues.set(receiver.name, queues.get(receiver.name)!.then(() => deliver(receiver, masked)));
    }
  };

  return {
    onEntry(entry) {
      if (entry.type === 'run.started') tell(startNotice((started = entry)));
      if (entry.type === 'run.ended') failedAtEnd = false;
      const why = aborted || !started ? undefined : whyAborted(entry);
      if (why === undefined) return;
      aborted = true;
      tell(abortNotice(started!, entry.at, why));
    },
    async conclude(run) {
      tell(verdictNotice(run));
      const takeBack = clock.schedule(clock.now() + graceMs, () => givingUp.abort(new Error(`given up ${graceMs / 1_000} s after the end of the run`)));
      await Promise.all(queues.values());
      takeBack();
      return failedAtEnd;
    },
  };
}

/** That it has too much to do, or is broken for the moment; what it refuses it would refuse again. */
function mayBeTriedAgain(status: number): boolean {
  return status === 429 || status >= 500;
}

function receiversOf({ webhooks, slack }: NotifySettings, clock: Clock): Receiver[] {
  return [
    ...Object.entries(webhooks).map(([name, { url, secret, on }]) => ({
      name: `webhook ${name}`,
      url,
      on,
      message: (notice: Notice) => webhookMessage(notice, secret, clock.wall()),
    })),
    ...Object.entries(slack).map(([name, { url, token, on }]) => ({
      name: `slack ${name}`,
      url: token === undefined ? url : `${url.replace(/\/$/, '')}/${token}`,
      on,
      message: slackMessage,
    })),
  ];
}
