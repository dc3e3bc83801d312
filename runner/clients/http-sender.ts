import type { RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { mostHeard, type Sender } from '../traffic/outcome.ts';
import { expectationOf, type RequestSpec } from '../traffic/request.ts';
import { outcomeOfError } from './http-failure.ts';
import http from './node-http.ts';

export interface SenderOptions {
  readonly lookup: LookupFunction;
  readonly userAgent: string;
  /** Certificates of the authorities that https trusts, PEM; those that Node brings along when left out. */
  readonly ca?: string | undefined;
  /** Whether each answer is told, and not only what became of it. */
  readonly hears?: boolean;
}

/** Idle connections that are kept. */
const mostIdle = 1_024;
/** More of a body is not looked at. */
const mostBodyBytes = 1_048_576;

/**
 * Sends one kind of request over connections of its own. Through a proxy, the request line has the whole address (the
 * absolute form of RFC 9112, 3.2.2), by which linkerd 1.x and other HTTP proxies route. Redirects are not followed.
 */
export function httpSender(spec: RequestSpec, { lookup, userAgent, ca, hears = false }: SenderOptions): Sender {
  const url = new URL(spec.url);
  const secure = url.protocol === 'https:';
  const keepAlive = spec.connection === 'keep-alive';
  // One address for a connection: trying the next one behind the scenes would hide that the first is dead.
  const shared = { keepAlive, maxFreeSockets: mostIdle, lookup, autoSelectFamily: false };
  const host = bare(url.hostname);
  // No name is sent along with an address; the certificate has to be for the address then.
  const servername = spec.serverName ?? (isIP(host) === 0 ? host : '');
  const agent = secure ? new https.Agent({ ...shared, servername, ...(ca === undefined ? {} : { ca }) }) : new http.Agent(shared);
  const body = spec.body === undefined ? undefined : Buffer.from(spec.body);
  const target = targetOf(url, spec.proxy);
  const options: RequestOptions = {
    ...target,
    agent,
    method: spec.method,
    headers: {
      host: url.host,
      'user-agent': userAgent,
      ...(body === undefined ? {} : { 'content-length': body.length }),
      ...lowerCased(spec.headers),
      connection: keepAlive ? 'keep-alive' : 'close',
    },
  };
  const { request } = secure ? https : http;
  const expectation = expectationOf(spec);

  return {
    send(done) {
      let over = false;
      const finish = (...what: Parameters<typeof done>): void => {
        if (over) return;
        over = true;
        done(...what);
      };
      const outgoing = request(options, (answer) => {
        const { statusCode = 0 } = answer;
        let text = '';
        if (expectation.readsBody || hears) {
          answer.setEncoding('utf8');
          answer.on('data', (chunk: string) => {
            if (text.length < mostBodyBytes) text += chunk;
          });
        } else answer.resume();
        answer.on('end', () => {
          const outcome = expectation.failureOf(statusCode, text) ?? 'ok';
          if (hears) finish(outcome, { status: statusCode, body: text.slice(0, mostHeard) });
          else finish(outcome);
        });
        answer.on('error', (error) => finish(outcomeOfError(error)));
      });
      outgoing.on('error', (error) => finish(outcomeOfError(error)));
      outgoing.end(body);
      return () => {
        over = true;
        outgoing.destroy();
      };
    },
    close: () => agent.destroy(),
  };
}

function targetOf(url: URL, proxy: string | undefined): Pick<RequestOptions, 'host' | 'port' | 'path'> {
  if (proxy === undefined) return { host: bare(url.hostname), port: url.port || (url.protocol === 'https:' ? 443 : 80), path: `${url.pathname}${url.search}` };
  const colon = proxy.lastIndexOf(':');
  return { host: bare(proxy.slice(0, colon)), port: proxy.slice(colon + 1), path: `${url.origin}${url.pathname}${url.search}` };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** An IPv6 address without its brackets. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
