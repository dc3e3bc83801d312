/**
 * A program that tests run where the lab's machines are: it sends requests through proxies, all at once, and prints what came.
 * Its argument is a list of `{ proxy, url, method?, body? }` in JSON; it prints a list of `{ status, headers, text }`, with
 * status 0 for no answer.
 */
import { request, type IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly proxy: string;
  readonly url: string;
  readonly method?: string;
  readonly body?: string;
}

export interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const answerWithinMs = 15_000;

function ask({ proxy, url, method = 'GET', body }: Asked): Promise<Said> {
  return new Promise((resolve) => {
    const [host, port] = proxy.split(':');
    const fail = (error: Error): void => resolve({ status: 0, headers: {}, text: error.message });
    const headers = { host: new URL(url).host, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) };
    const call = request({ host, port, path: url, method, headers, agent: false, signal: AbortSignal.timeout(answerWithinMs) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', fail);
    });
    call.on('error', fail);
    call.end(body);
  });
}

if (process.argv[2] !== undefined) {
  const asked = JSON.parse(process.argv[2]) as Asked[];
  process.stdout.write(JSON.stringify(await Promise.all(asked.map(ask))));
}
