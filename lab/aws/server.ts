import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { CallLog } from './calls.ts';
import type { Caller, Cloud } from './cloud.ts';
import { newRequestId } from './ids.ts';
import { AwsError, dryRunOperation, renderError } from './protocol/errors.ts';
import { Params } from './protocol/params.ts';
import { renderXml, type XmlObject } from './protocol/xml.ts';
import { services, type Service } from './services.ts';
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
): (request: IncomingMessage, response: ServerResponse) => void {
  const weather = createWeather(cloud);
  return (request, response) => {
    if (weather.isDown()) return void request.socket.resetAndDestroy();
    const at = new Date();
    const startedMs = performance.now();
    const requestId = newRequestId();
    const called: Called = { service: undefined, action: '', principal: undefined };
    answer(cloud, weather, request, requestId, called)
      .then(
        (body) => ({ status: 200, body, error: undefined }),
        (error: unknown) => {
          const shown = toAwsError(cloud, error, called.action);
          const body = renderError(called.service?.protocol ?? 'query', shown, requestId, called.service?.xmlns);
          return { status: shown.status, body, error: shown.code };
        },
      )
      .then(({ status, body, error }) => {
        calls.add({
          at,
          service: called.service?.name ?? '',
          action: called.action,
          requestId,
          principal: called.principal,
          userAgent: request.headers['user-agent'] ?? '',
          status,
          error,
          tookMs: performance.now() - startedMs,
        });
        const sent = weather.spoil({ status, body });
        response.writeHead(sent.status, {
          'content-type': 'text/xml;charset=UTF-8',
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
  principal: string | undefined;
}

/** Fills `called` as it learns more, so that a failure is answered in the right protocol and logged under its name. */
async function answer(
  cloud: Cloud,
  weather: Weather,
  request: IncomingMessage,
  requestId: string,
  called: Called,
): Promise<string> {
  const form = await readForm(request);
  const credential = readCredential(request.headers.authorization);
  called.action = form.get('Action') ?? '';
  called.service = serviceOf(form.get('Version'), credential?.service);
  const { service } = called;
  if (service === undefined)
    throw new AwsError('NoSuchVersion', `The requested version ( ${form.get('Version') ?? ''} ) is not valid`);
  if (credential === undefined) throw unsigned(service);
  const caller = callerOf(cloud, credential.accessKeyId);
  called.principal = caller.arn;
  if (called.action === '') throw new AwsError('MissingAction', 'The request is missing an action parameter');
  const action = Object.hasOwn(service.actions, called.action) ? service.actions[called.action] : undefined;
  if (action === undefined)
    throw new AwsError('InvalidAction', `The action ${called.action} is not valid for this web service.`);

  await weather.hit(service);
  const params = Params.parse(service.protocol, form);
  const known = [...action.parameters, ...(action.accepted ?? []), ...everywhere];
  const unknown = params.names().find((name) => !known.includes(name) && !name.startsWith('X-Amz-'));
  if (unknown !== undefined) throw new AwsError('UnknownParameter', `The parameter ${unknown} is not recognized`);
  // An authorisation only, as in AWS: nothing else of the call is looked at.
  if (service.protocol === 'ec2' && params.boolean('DryRun') === true) throw dryRunOperation();
  const result = await action.run(cloud, params, caller);
  return render(service, called.action, result, requestId);
}

function render(service: Service, action: string, result: XmlObject, requestId: string): string {
  if (service.protocol === 'ec2') {
    const root = renderXml(`${action}Response`, { requestId, ...result }, 'item', service.xmlns);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
  }
  const body = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return renderXml(`${action}Response`, body, 'member', service.xmlns);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const query = request.url?.split('?', 2)[1] ?? '';
  if (request.method === 'GET') return new URLSearchParams(query);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // What is too large is read to its end and dropped: an answer sent before that may be lost with the connection.
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.byteLength;
    if (sizeBytes <= largestBodyBytes) chunks.push(chunk);
  });
  await finished(request);
  if (sizeBytes > largestBodyBytes) throw new AwsError('RequestEntityTooLarge', 'The request is larger than 1 MiB', 413);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

/** The version tells the service; the scope of the signature does where no version, or an unknown one, is given. */
function serviceOf(version: string | null, scope: string | undefined): Service | undefined {
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
