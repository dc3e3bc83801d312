import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Api, Call, Handler } from '../call.ts';
import { badRequest, noSuchResource, StatusError } from '../errors.ts';
import { connectWithinMs, kubeletRequest, placeOf, type ContainerPlace } from './kubelet.ts';

/** What a container wrote, from the kubelet of its node. */
export const log: Handler = async (api, call) => {
  const { container, kubelet } = await placeOf(api, call.namespace, call.name!, call.query.get('container'));
  // A Pod without a node has written nothing yet.
  if (!kubelet) return { code: 200, body: '', contentType: 'text/plain' };
  const query = new URLSearchParams(call.query);
  query.delete('container');
  const path = `/containerLogs/${call.namespace}/${call.name}/${container}${query.size > 0 ? `?${query.toString()}` : ''}`;
  const answer = await ask(api, call, kubelet, path);
  if (answer.statusCode !== 200) throw await refusal(answer);
  call.response.writeHead(200, { 'Cache-Control': 'no-cache, private', 'Content-Type': 'text/plain' });
  call.response.flushHeaders();
  answer.pipe(call.response);
  answer.on('error', () => call.response.destroy());
  call.response.on('close', () => answer.destroy());
  return null;
};

function ask(api: Api, { response }: Call, kubelet: NonNullable<ContainerPlace['kubelet']>, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ ...kubeletRequest(api, kubelet, path), method: 'GET' }, resolve);
    const timer = setTimeout(() => call.destroy(new Error('i/o timeout')), connectWithinMs);
    call.on('error', (error) => reject(unreachable(kubelet, path, error)));
    call.on('close', () => clearTimeout(timer));
    call.on('response', () => clearTimeout(timer));
    response.on('close', () => call.destroy());
    call.end();
  });
}

/** What the server says when a node's kubelet can't be asked. */
export function unreachable({ host, port }: NonNullable<ContainerPlace['kubelet']>, path: string, error: Error): StatusError {
  const message = `Get "https://${host}:${port}${path}": dial tcp ${host}:${port}: ${error.message}`;
  return new StatusError(500, undefined, message);
}

async function refusal(answer: IncomingMessage): Promise<StatusError> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  text = text.trim();
  if (answer.statusCode === 400) return badRequest(text);
  if (answer.statusCode === 404) return noSuchResource();
  const message = `Internal error occurred: ${text}`;
  return new StatusError(500, 'InternalError', message, { causes: [{ message: text }] });
}
