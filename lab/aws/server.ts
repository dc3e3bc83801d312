import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { CallLog } from './calls.ts';
import type { Caller, Cloud } from './cloud.ts';
import { newRequestId } from './ids.ts';
import type { Trail } from './cloudtrail/trail.ts';
import { AwsError, dryRunOperation, jsonError, renderError } from './protocol/errors.ts';
import { Params } from './protocol/params.ts';
import { renderXml, type XmlObject } from './protocol/xml.ts';
import { cloudTrail, services, type FormService, type Service } from './services.ts';
import { createWeather, type Weather } from './weather.ts';

const largestBodyBytes = 1_048_576;
const everywhere = [
  'Action',
  'Version',
  'DryRun',
  'AWSAccessKeyId',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
];

/** Answers the calls of all services on one address. Never rejects: whatever fails becomes an answer. */
export function createHandler(
  cloud: Cloud,
  calls: CallLog,
  trail: Trail,
): (request: IncomingMessage, response: ServerResponse) => void {
  const weather = createWeather(cloud);
  return (request, response) => {
    if (weather.isDown()) return void request.socket.resetAndDestroy();
    const at = new Date();
    const startedMs = performance.now();
    const requestId = newRequestId();
    const called: Called = { service: undefined, action: '', caller: undefined, params: undefined, result: undefined };
    answer({ cloud, weather, trail }, request, requestId, called)
      .then(
        (body) => ({ status: 200, body, error: undefined }),
        (error: unknown) => {
          const shown = toAwsError(cloud, error, called.action);
          const { protocol = 'query', xmlns } = called.service ?? {};
          const body = protocol === 'json' ? jsonError(shown) : renderError(protocol, shown, requestId, xmlns);
          return { status: shown.status, body, error: shown };
        },
      )
      .then(({ status, body, error }) => {
        const { service, action, caller, params, result } = called;
        const userAgent = request.headers['user-agent'] ?? '';
        calls.add({
          at,
          service: service?.name ?? '',
          action,
          requestId,
          principal: caller?.arn,
          userAgent,
          status,
          error: error?.code,
          tookMs: performance.now() - startedMs,
        });
        // Who nobody knows, and what there isn't, is in no trail.
        if (service && caller && Object.hasOwn(service.actions, action)) {
          const sourceAddress = request.socket.remoteAddress ?? '';
          trail.add({ at, service: service.name, protocol: service.protocol, action, caller, sourceAddress, userAgent, requestId, params, result, error });
        }
        const sent = weather.spoil({ status, body });
        response.writeHead(sent.status, {
          'content-type': service?.protocol === 'json' ? 'application/x-amz-json-1.1' : 'text/xml;charset=UTF-8',
          'x-amzn-requestid': requestId,
          'content-length': Buffer.byteLength(sent.body),
        });
        response.end(sent.body);
      })
      .catch((error: unknown) => cloud.trouble(`the answer to ${called.action} could not be sent`, error));
  };
}

interface Called {
  service: Service | undefined;
  action: string;
  caller: Caller | undefined;
  params: Params | undefined;
  result: XmlObject | undefined;
}

interface Parts {
  readonly cloud: Cloud;
  readonly weather: Weather;
  readonly trail: Trail;
}

/** Fills `called` as it learns more, so that a failure is answered in the right protocol and logged under its name. */
async function answer(
  parts: Parts,
  request: IncomingMessage,
  requestId: string,
  called: Called,
): Promise<string> {
  const text = await readText(request);
  const credential = readCredential(request.headers.authorization);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return answerJson(parts, { target, text, accessKeyId: credential?.accessKeyId }, called);
  const { cloud, weather } = parts;
  const form = new URLSearchParams(text);
  called.action = form.get('Action') ?? '';
  const service = serviceOf(form.get('Version'), credential?.service);
  called.service = service;
  if (service === undefined)
    throw new AwsError('NoSuchVersion', `The requested version ( ${form.get('Version') ?? ''} ) is not valid`);
  if (credential === undefined) throw unsigned(service);
  const caller = callerOf(cloud, credential.accessKeyId);
  called.caller = caller;
  if (called.action === '') throw new AwsError('MissingAction', 'The request is missing an action parameter');
  const action = Object.hasOwn(service.actions, called.action) ? service.actions[called.action] : undefined;
  if (action === undefined)
    throw new AwsError('InvalidAction', `The action ${called.action} is not valid for this web service.`);

  const params = Params.parse(service.protocol, form);
  called.params = params;
  await weather.hit(service);
  const known = [...action.parameters, ...(action.accepted ?? []), ...everywhere];
  const unknown = params.names().find((name) => !known.includes(name) && !name.startsWith('X-Amz-'));
  if (unknown !== undefined) throw new AwsError('UnknownParameter', `The parameter ${unknown} is not recognized`);
  // An authorisation only, as in AWS: nothing else of the call is looked at.
  if (service.protocol === 'ec2' && params.boolean('DryRun') === true) throw dryRunOperation();
  const result = await action.run(cloud, params, caller);
  called.result = result;
  return render(service, called.action, result, requestId);
}

/** The JSON protocol, in which CloudTrail speaks: the call is named in a header. */
async function answerJson(
  { cloud, weather, trail }: Parts,
  { target, text, accessKeyId }: { readonly target: string; readonly text: string; readonly accessKeyId: string | undefined },
  called: Called,
): Promise<string> {
  const name = /(?:^|\.)CloudTrail_20131101\.(\w+)$/.exec(target)?.[1] ?? target;
  called.service = cloudTrail;
  called.action = name;
  if (accessKeyId === undefined) throw unsigned(cloudTrail);
  called.caller = callerOf(cloud, accessKeyId);
  const action = Object.hasOwn(cloudTrail.actions, name) ? cloudTrail.actions[name as keyof typeof cloudTrail.actions] : undefined;
  if (!action) throw new AwsError('UnknownOperationException', `${target} is no operation here`);
  await weather.hit(cloudTrail);
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text);
  } catch (error) {
    throw new AwsError('SerializationException', error instanceof Error ? error.message : String(error));
  }
  return JSON.stringify(action(trail, body));
}

function render(service: Service, action: string, result: XmlObject, requestId: string): string {
  if (service.protocol === 'ec2') {
    const root = renderXml(`${action}Response`, { requestId, ...result }, 'item', service.xmlns);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
  }
  const body = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return renderXml(`${action}Response`, body, 'member', service.xmlns);
}

/** What was sent: the body, or what stands behind the question mark. */
async function readText(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET') return request.url?.split('?', 2)[1] ?? '';
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // What is too large is read to its end and dropped: an answer sent before that may be lost with the connection.
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes <= largestBodyBytes) chunks.push(chunk);
  });
  await finished(request);
  if (sizeBytes > largestBodyBytes) throw new AwsError('RequestEntityTooLarge', 'The request is larger than 1 MiB', 413);
  return Buffer.concat(chunks).toString('utf8');
}

/** The version tells the service; the scope of the signature does where no version, or an unknown one, is given. */
function serviceOf(version: string | null, scope: string | undefined): FormService | undefined {
  return (
    services.find((service) => service.version === version) ??
    (version === null ? services.find((service) => service.name === scope) : undefined)
  );
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`. The signature isn't checked. */
function readCredential(
  authorization: string | undefined,
): { readonly accessKeyId: string; readonly service: string | undefined } | undefined {
  const match = /Credential=([^/,\s]+)\/[^/,]*\/[^/,]*\/([^/,]*)/.exec(authorization ?? '');
  return match === null ? undefined : { accessKeyId: match[1]!, service: match[2] };
}

function callerOf(cloud: Cloud, accessKeyId: string): Caller {
  return { arn: `arn:aws:iam::${cloud.accountId}:user/${accessKeyId}`, userId: accessKeyId };
}

function unsigned(service: Service): AwsError {
  return service.protocol === 'ec2'
    ? new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401)
    : new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

function toAwsError(cloud: Cloud, error: unknown, action: string): AwsError {
  if (error instanceof AwsError) return error;
  if (isHangUp(error)) return new AwsError('RequestTimeout', 'The caller hung up before the request was complete');
  cloud.trouble(`${action} failed`, error);
  return new AwsError('InternalError', 'An internal error has occurred', 500);
}

const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE');
