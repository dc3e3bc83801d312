import { DeadlineExceeded } from '../clock.ts';
import { ExpectedError, exitCodes, messageOf, type ExitCode } from '../errors.ts';
import { skewInWords } from './kubernetes-clock.ts';

/** What was asked for, as people say it. */
export interface KubernetesCall {
  /** As RBAC writes it: `get`, `list`, `watch`, `create`, `patch`, `delete`. */
  readonly verb: string;
  /** With its subresource: `pods`, `pods/eviction`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The part of a Status that tells what went wrong. */
export interface KubernetesStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/**
 * The API server said no, or nothing. The message says what was asked for, what was wrong and what to do, in words that
 * come again for the same cause.
 */
export class KubernetesFailure extends ExpectedError {
  override readonly name = 'KubernetesFailure';
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The API's word for it, such as `Conflict`, `Expired`, `DisruptionBudget` where that is the cause; `''` when there is none. */
  readonly reason: string;
  constructor(message: string, { status, reason, exitCode, cause }: { status: number; reason: string; exitCode: ExitCode; cause?: unknown }) {
    super(message, exitCode, cause === undefined ? {} : { cause });
    this.status = status;
    this.reason = reason;
  }
}

/** Whether asking again may help: no answer, an overloaded server, one that has lost its etcd. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof KubernetesFailure)) return error instanceof DeadlineExceeded;
  return error.status === 0 || error.status >= 500 || (error.status === 429 && error.reason !== 'DisruptionBudget');
}

/** Whether the object that was asked for is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof KubernetesFailure && error.status === 404;
}

/** Whether the object is another one, or was changed, or is there already. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubernetesFailure && error.status === 409;
}

/** Why something failed, in few words that come again for the same cause, as reasons of answers do: `504 Timeout`. */
export function inFewWords(error: unknown): string {
  if (!(error instanceof KubernetesFailure)) return messageOf(error);
  if (error.status > 0) return [error.status, error.reason].filter(Boolean).join(' ');
  return /\bE[A-Z]{4,}\b|no answer/.exec(error.message)?.[0] ?? 'the connection broke';
}

/**
 * An answer that is no success, in plain words.
 *
 * @param aheadMs how far the server's clock is ahead of this machine's
 */
export function refusal(status: number, body: string, call: KubernetesCall, context: string, aheadMs = 0): KubernetesFailure {
  const said = statusOf(body);
  const [cause] = said.details?.causes ?? [];
  const reason = cause?.reason === 'DisruptionBudget' ? cause.reason : (said.reason ?? '');
  const text = cause?.message && reason === 'DisruptionBudget' ? `${said.message} ${cause.message}` : (said.message ?? (body.trim().slice(0, 200) || 'no reason given'));
  const what = describe(call);
  const skew = skewInWords(aheadMs);
  const failure = (message: string, exitCode: ExitCode = exitCodes.badInput): KubernetesFailure => new KubernetesFailure(message, { status, reason, exitCode });
  switch (status) {
    case 401:
      return failure(`Kubernetes does not accept the credentials of context ${context} (401): the token is wrong or has expired; log in again${skew === undefined ? '' : `. Mind that ${skew}`}`);
    case 403:
      if (/being terminated/.test(text)) return failure(`Kubernetes: ${what}: the namespace is terminating, and nothing can be created in it (403)`);
      return failure(`Kubernetes: ${what} is not allowed for these credentials (403): grant it, see firedrill permissions. ${text}`);
    case 404:
      if (/could not find the requested resource|page not found/.test(text)) {
        return failure(`Kubernetes: ${what}: this cluster has no resource ${call.resource} (404); is it another version, or is a CRD missing?`);
      }
      return failure(`Kubernetes: ${what}: ${text} (404)`);
    case 429:
      return failure(`Kubernetes: ${what}: ${text} (429${reason === 'DisruptionBudget' ? '' : ': the API server asks for fewer calls'})`, exitCodes.inconclusive);
    case 504:
      return failure(`Kubernetes: ${what}: the API server gave up waiting, as for an etcd without quorum (504): ${text}`, exitCodes.inconclusive);
    default:
      return failure(`Kubernetes: ${what}: ${text} (${status})`, status >= 500 ? exitCodes.inconclusive : exitCodes.badInput);
  }
}

function statusOf(body: string): KubernetesStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** No answer at all, in plain words. */
export function silence(thrown: unknown, call: KubernetesCall, server: string): KubernetesFailure {
  const what = describe(call);
  const failure = (message: string): KubernetesFailure =>
    new KubernetesFailure(message, { status: 0, reason: '', exitCode: exitCodes.inconclusive, cause: thrown });
  if (thrown instanceof DeadlineExceeded) return failure(`Kubernetes: ${what}: no answer from ${server} in time`);
  if (thrown instanceof SyntaxError) return wrongAnswer('it is no JSON', call, server);
  const root = rootOf(thrown);
  const code = (root as { code?: unknown }).code;
  const text = messageOf(root);
  if (typeof code === 'string' && /CERT|SIGNED|ISSUER|ALTNAME|SSL|TLS/.test(code)) {
    const clocks = /EXPIRED|NOT_YET_VALID/.test(code) ? "; look at this machine's clock, too" : '';
    return failure(`Kubernetes: ${server}: its certificate is not one that the kubeconfig trusts (${code}: ${text})${clocks}`);
  }
  if (typeof code === 'string' && unreachable.has(code)) {
    return failure(`Kubernetes: ${what}: ${server} can't be reached (${code}); check the kubeconfig and the network`);
  }
  return failure(`Kubernetes: ${what}: the connection to ${server} broke (${text})`);
}

/** An answer that is not the API's: a page of some proxy, half an answer, nothing. It must not be read as "there is none". */
export function wrongAnswer(thrown: unknown, call: KubernetesCall, server: string): KubernetesFailure {
  const message = `Kubernetes: ${describe(call)}: what ${server} answered is not an answer of the API (${messageOf(thrown)})`;
  return new KubernetesFailure(message, { status: 0, reason: '', exitCode: exitCodes.inconclusive, cause: thrown });
}

/** `fetch failed` hides what failed: it is the cause of the cause. */
function rootOf(thrown: unknown): unknown {
  let root = thrown;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  if (root instanceof AggregateError && root.errors.length > 0) root = root.errors[0];
  return root ?? {};
}

const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function describe({ verb, resource, namespace, name }: KubernetesCall): string {
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
