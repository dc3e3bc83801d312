import https from 'node:https';
import type { Message } from '../notify/webhook.ts';
import http from './node-http.ts';

/**
 * Posts JSON to an address, over a connection of its own. A redirect is not followed: nobody is sent anything whom the
 * environment file doesn't name.
 *
 * @returns the status of the answer
 * @throws whatever the connection breaks with, or the signal's reason
 */
export function postJson(url: string, { headers, body }: Message, userAgent: string, signal: AbortSignal): Promise<number> {
  const send = url.startsWith('https:') ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': userAgent },
    };
    const request = send(url, options, (answer) => {
      // What it says besides is nobody's concern, however long it is.
      answer.on('error', () => undefined).destroy();
      resolve(answer.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}
