/**
 * Loaded into the command line before it (`node --import`): counts its steps, and kills it with SIGKILL at one of them. A
 * step is the moment before or after the journal's fsync, and before or after a call that changes something on the
 * platform: the call not sent yet, or answered and nothing done with the answer yet.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { ClientRequest } from 'node:http';

const log = process.env.FIREDRILL_TEST_STEPS;
const dieAt = Number(process.env.FIREDRILL_TEST_DIES_AT ?? Infinity);
let steps = 0;

function step(what: string): void {
  steps += 1;
  if (log !== undefined) appendFileSync(log, `${what}\n`);
  if (steps === dieAt) process.kill(process.pid, 'SIGKILL');
}

const changing = (body: unknown): string | undefined => {
  const text = typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body).toString() : '';
  const action = /(?:^|&)Action=(\w+)/.exec(text)?.[1];
  return action === undefined || /^(Describe|Get)/.test(action) || text.includes('DryRun=true') ? undefined : action;
};

// AWS: one body, given with the last call. A command in a container: an upgrade to a WebSocket.
const end = ClientRequest.prototype.end;
ClientRequest.prototype.end = function (this: ClientRequest, ...args: Parameters<typeof end>) {
  const what = changing(args[0]) ?? (this.path.includes('/exec?') ? 'exec' : undefined);
  if (what !== undefined) {
    step(`before ${what}`);
    this.prependOnceListener('response', () => step(`after ${what}`));
    this.prependOnceListener('upgrade', (_response, socket) => {
      step(`after ${what}`);
      socket.prependOnceListener('close', () => step(`at the end of ${what}`));
    });
  }
  return end.apply(this, args);
} as typeof end;

interface UndiciRequest {
  readonly method: string;
  readonly path: string;
}

const nameOf = ({ method, path }: UndiciRequest): string | undefined => {
  const changes = method !== 'GET' && !path.includes('selfsubject') && !path.includes('dryRun');
  return changes ? `${method} ${path.replace(/\?.*/, '').split('/').slice(-2).join('/')}` : undefined;
};
const onRequest = (moment: string) => (message: unknown) => {
  const what = nameOf((message as { request: UndiciRequest }).request);
  if (what !== undefined) step(`${moment} ${what}`);
};
subscribe('undici:request:create', onRequest('before'));
subscribe('undici:request:headers', onRequest('after'));

const file = await open(import.meta.filename);
const handle = Object.getPrototypeOf(file) as typeof file;
const sync = handle.sync;
handle.sync = async function (this: typeof file) {
  step('before fsync');
  await sync.call(this);
  step('after fsync');
};
await file.close();
