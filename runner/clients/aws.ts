import { done, presentAct, type Change, type ChangedService } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Mask } from '../mask.ts';
import { requireWholeAnswer } from './aws-answer.ts';

export type AwsEnvironment = NonNullable<Environment['aws']>;

/** What the clients tell to whoever counts and records. */
export interface AwsHooks {
  /** Goes into the user agent of each call, so that CloudTrail shows who it was: names, each with its value. */
  readonly userAgent: readonly (readonly [string, string])[];
  /** Before each request on the wire, retries included: it is made once this resolves. */
  turn(action: string): Promise<void>;
  /** When the service told us to slow down. The call is tried again. */
  throttled(action: string, code: string): void;
  /** Is told of the credentials that calls are signed with, wherever they came from. */
  readonly mask: Mask;
  /** Each attempt at a call that changes something, once its outcome is known. */
  changed(change: Change): void;
  readonly clock: Clock;
}

/** How often a call is tried when the service throttles it or stumbles, with back-off in between. */
const maxAttempts = 5;
const connectionTimeoutMs = 3000;
const requestTimeoutMs = 10_000;

/** What all services' clients are made with. Credentials that the environment file leaves out come from the SDK's chain. */
export function awsConfig({ region, endpoint, profile, credentials }: AwsEnvironment, { userAgent }: AwsHooks) {
  return {
    region,
    maxAttempts,
    retryMode: 'standard',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKeyId,
            secretAccessKey: credentials.secretAccessKey,
            ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
          },
        }),
    customUserAgent: userAgent.map(([name, value]): [string, string] => [name, value]),
    requestHandler: { connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
  };
}

/** The part of a call's context that tells what it is, and what it is signed with. */
interface CallContext {
  readonly commandName?: string;
  readonly __smithy_context?: { readonly selectedHttpAuthScheme?: { readonly identity?: object } };
}

/** Profiles, containers, roles and the rest of the chain give their credentials when a call is made. */
function hideCredentials(context: CallContext, mask: Mask): void {
  const { secretAccessKey, sessionToken } = (context.__smithy_context?.selectedHttpAuthScheme?.identity ?? {}) as { secretAccessKey?: string; sessionToken?: string };
  if (secretAccessKey !== undefined) mask.add(secretAccessKey, { of: 'AWS credentials: the secret access key' });
  if (sessionToken !== undefined) mask.add(sessionToken, { of: 'AWS credentials: the session token' });
}

/** The part of an SDK client that hooks are hung into. */
interface Hookable {
  middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<unknown>, context: CallContext) => (args: never) => Promise<unknown>,
      options: { step: 'deserialize'; priority: 'high' | 'low'; name: string },
    ): void;
  };
}

/**
 * Paces and counts each request of a client, tells of throttling and of what is changed. It sits inside the SDK's retries, where
 * each attempt passes, and around its deserializer, where errors have got their names.
 */
export function hookInto(client: Hookable, hooks: AwsHooks, service: ChangedService): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const action = actionOf(context);
      hideCredentials(context, hooks.mask);
      await hooks.turn(action);
      const sentMs = hooks.clock.now();
      const { input } = args as { input: object };
      const tell = (outcome: string, answered: unknown): void => {
        if (isLook(action) || ('DryRun' in input && input.DryRun === true)) return;
        const { requestId } = (answered as { $metadata?: { requestId?: string } } | undefined)?.$metadata ?? {};
        hooks.changed({ service, action, target: namedIn(input).join(', '), requestId: requestId ?? null, outcome, sentMs, endedMs: hooks.clock.now(), act: presentAct() });
      };
      try {
        const answer = await next(args);
        tell(done, (answer as { output?: unknown }).output);
        return answer;
      } catch (error) {
        const code = codeOf(error);
        if (throttlingCodes.has(code)) hooks.throttled(action, code);
        const wasAnswered = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== undefined;
        tell(wasAnswered ? code : `no answer (${code})`, error);
        throw error;
      }
    },
    { step: 'deserialize', priority: 'high', name: 'firedrillCalls' },
  );
  // Between the deserializer and the wire.
  client.middlewareStack.add(
    (next, context) => async (args) => requireWholeAnswer(actionOf(context), await next(args)),
    { step: 'deserialize', priority: 'low', name: 'firedrillWholeAnswers' },
  );
}

function actionOf({ commandName = 'unknown' }: { commandName?: string }): string {
  return commandName.replace(/Command$/, '');
}

/** Whether an action only looks. */
export function isLook(action: string): boolean {
  return /^(Describe|Get|Lookup)/.test(action);
}

/** The ids and names in a call's input. */
function namedIn(input: object): string[] {
  return Object.entries(input).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'TagSpecifications') return [];
    if (typeof value === 'string') return /(Id|Name)$/.test(key) ? [value] : [];
    if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? namedIn(value) : [];
    const texts = value.filter((item) => typeof item === 'string');
    if (texts.length > 0) return /(Ids|Resources|Groups|Processes)$/.test(key) ? texts : [];
    return [...new Set(value.flatMap((item: unknown) => (typeof item === 'object' && item !== null ? namedIn(item) : [])))];
  });
}

/**
 * Makes a call and names what went wrong. Returns as soon as `signal` aborts, also when the SDK is waiting between two
 * attempts.
 *
 * @throws ExpectedError for what the user can mend; the signal's reason; other errors of the service as they come
 */
export async function calling<T>(aws: AwsEnvironment, action: string, signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason instanceof Error ? signal.reason : new Error(`${action}: given up`));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(error, action, aws);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** The service's code of an error, such as `UnauthorizedOperation`, or Node's, such as `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  if (error.name !== 'Error' && error.name !== 'AggregateError') return error.name;
  return typeof code === 'string' ? code : error.name;
}

const throttlingCodes = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestThrottled',
  'BandwidthLimitExceeded',
]);
const rejectedCredentials = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'OptInRequired',
]);
const expiredCredentials = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired']);
const denied = new Set(['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException']);
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'TimeoutError',
]);

/** Whether it was refused for want of a right: asking again won't help. */
export function isDenied(error: unknown): boolean {
  return denied.has(codeOf(error)) || (error instanceof ExpectedError && denied.has(codeOf(error.cause)));
}

function explain(error: unknown, action: string, aws: AwsEnvironment): unknown {
  const code = codeOf(error);
  const message = messageOf(error);
  const expected = (text: string): ExpectedError => new ExpectedError(text, undefined, { cause: error });
  if (code === 'CredentialsProviderError' || /could not load credentials/i.test(message)) {
    const source = aws.profile === undefined ? 'the default chain' : `profile ${aws.profile}`;
    return expected(`AWS credentials: none found in ${source}; set aws.profile or aws.credentials in the environment file, or log in (${message})`);
  }
  if (expiredCredentials.has(code)) return expected(`AWS credentials have expired (${code}): log in again`);
  if (rejectedCredentials.has(code)) return expected(`AWS does not accept the credentials (${code}: ${message})`);
  if (denied.has(code)) return expected(`AWS ${action} is not allowed for these credentials (${code}): grant it in IAM. ${message}`);
  const { hostname, address } = (error ?? {}) as { hostname?: string; address?: string };
  if (unreachable.has(code)) {
    const where = aws.endpoint ?? hostname ?? address ?? `the endpoints of region ${aws.region}`;
    return expected(`AWS ${action}: ${where} can't be reached (${code}); check aws.region, aws.endpoint and the network`);
  }
  return error;
}
