import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginTrace, endTrace, type Trace } from '../audit/trace.ts';
import type { Api, Call } from '../call.ts';
import { hasGroup } from '../discovery.ts';
import { noSuchResource, StatusError } from '../errors.ts';
import { defaultEtcdTiming } from '../etcd/client.ts';
import { EtcdError, grpcCode } from '../etcd/session.ts';
import type { KubeObject } from '../object.ts';
import { readRequest, type RequestInfo } from '../request.ts';
import { findResource } from '../resources.ts';
import { route } from '../routes.ts';
import { authorize } from '../auth/authorize.ts';
import { impersonated } from '../auth/impersonate.ts';
import { negotiate } from './accept.ts';
import { contentTypeOf, readBody } from './body.ts';
import { answerPath, nothingHere } from './paths.ts';
import { respond, type Answer } from './respond.ts';

const writing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const endpointsAreDeprecated = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';

/** Answers every request: who is it, may they, what is it about; errors of all kinds become answers here. */
export function createRequestListener(api: Api): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const trace = beginTrace(request);
    response.setHeader('Audit-Id', trace.id);
    if (api.options.audit && writing.has(request.method ?? '')) response.on('close', () => endTrace(api, trace, request, response.statusCode));
    answer(api, request, response, trace).catch((error: unknown) => {
      const refused = errorAnswer(api, error, request);
      trace.failure = refused.body as StatusError['status'];
      respond(response, refused);
    });
  };
}

async function answer(api: Api, request: IncomingMessage, response: ServerResponse, trace: Trace): Promise<void> {
  const info = readRequest(request.method ?? 'GET', request.url ?? '/');
  trace.info = info;
  const user = impersonated(api, api.tokens.authenticate(request.headers.authorization), request.headers);
  trace.user = user;
  const { target } = info;
  trace.allowed = false;
  authorize(api, user, info);
  trace.allowed = true;
  if (!target) return respond(response, await answerPath(api, info, request));
  if (target.group !== '' && !hasGroup(target.group)) return respond(response, nothingHere);
  const resource = findResource(target.group, target.version, target.plural);
  if (!resource || (resource.namespaced && target.namespace === undefined && target.name !== undefined)) throw noSuchResource();
  const handler = route(resource, target.subresource, info.verb, target.name !== undefined);
  const stopClock = limitTime(api, info, request, response);
  try {
    const call: Call = {
      request,
      response,
      info,
      query: info.query,
      user,
      resource,
      namespace: resource.namespaced ? target.namespace : undefined,
      name: target.name,
      subresource: target.subresource,
      accepts: negotiate(request.headers.accept),
      body: writing.has(info.method) ? await readBody(request) : Buffer.alloc(0),
      contentType: contentTypeOf(request),
      warn: (text) => response.appendHeader('Warning', `299 - ${JSON.stringify(text)}`),
    };
    if (resource.kind === 'Endpoints') call.warn(endpointsAreDeprecated);
    const result = await handler(api, call);
    trace.name = nameIn(result);
    if (result) respond(response, result, call.accepts.format);
  } finally {
    stopClock();
  }
}

/** The name of the object that an answer is. */
function nameIn(answer: Answer | null): string | undefined {
  return typeof answer?.body === 'object' ? (answer.body as Partial<KubeObject>).metadata?.name : undefined;
}

/**
 * Ends what takes too long, as happens while etcd is away: writes are answered after 34 s, reads of one object after 60 s, and a
 * list just loses its connection then.
 */
function limitTime(api: Api, { verb, target }: RequestInfo, request: IncomingMessage, response: ServerResponse): () => void {
  if (verb === 'watch' || ['log', 'exec', 'attach', 'portforward', 'proxy'].includes(target?.subresource ?? '')) return () => {};
  const { readWithinMs, writeWithinMs } = { ...defaultEtcdTiming, ...api.options.timing?.etcd };
  const write = writing.has(request.method ?? '');
  const expire = (): void => {
    if (write) respond(response, { code: 504, body: timedOut('request did not complete within requested timeout - context deadline exceeded') });
    else if (verb === 'list') response.destroy();
    else {
      const { kind: _, apiVersion: __, ...bare } = timedOut('request did not complete within the allotted timeout');
      respond(response, { code: 504, body: JSON.stringify(bare) });
    }
  };
  const timer = setTimeout(expire, write ? writeWithinMs : readWithinMs);
  return () => clearTimeout(timer);
}

function timedOut(why: string): StatusError['status'] {
  return new StatusError(504, 'Timeout', `Timeout: ${why}`, {}).status;
}

function errorAnswer(api: Api, error: unknown, request: IncomingMessage): Answer {
  if (error instanceof StatusError) {
    const { status } = error;
    const retryAfter = status.details?.retryAfterSeconds;
    return { code: status.code!, body: status, ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': String(retryAfter) } }) };
  }
  if (error instanceof EtcdError) {
    if (error.code === grpcCode.deadlineExceeded) {
      return { code: 504, body: timedOut('request did not complete within requested timeout - context deadline exceeded') };
    }
    return { code: 500, body: new StatusError(500, undefined, error.message).status };
  }
  api.options.log?.(`${request.method} ${request.url} failed`, error);
  const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
  return { code: 500, body: new StatusError(500, 'InternalError', message, { causes: [{ message }] }).status };
}
