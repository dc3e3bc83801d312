import { request } from 'node:http';

/** An error that AWS answered with: its code and its words. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: string;
  constructor(action: string, code: string, message: string) {
    super(`${action}: ${code}: ${message}`);
    this.code = code;
  }
}

export interface QueryApi {
  /** Such as `http://ec2.eu-west-1.amazonaws.com`. */
  readonly endpoint: string;
  /** `ec2` or `autoscaling`. */
  readonly service: string;
  readonly version: string;
  readonly region: string;
}

/** The versions of the two APIs, which never change any more. */
export const apiVersions = { ec2: '2016-11-15', autoscaling: '2011-01-01' } as const;

const answerWithinMs = 10_000;

/**
 * One call over AWS's query protocol, without an SDK: machines boot in milliseconds with it.
 *
 * @returns the XML of the answer
 * @throws QueryError when AWS answers with an error; the connection's own error when there is no answer
 */
export function query(api: QueryApi, action: string, params: Readonly<Record<string, string | number>> = {}): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: api.version });
  for (const [key, value] of Object.entries(params)) body.set(key, String(value));
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return new Promise((resolve, reject) => {
    const call = request(api.endpoint, {
      method: 'POST',
      // One connection for each call: one that was kept may be closed by the other side just as the next call goes out.
      agent: false,
      timeout: answerWithinMs,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-amz-date': date,
        // The lab's AWS checks no signature; the scope in it says which service and region are meant.
        authorization:
          `AWS4-HMAC-SHA256 Credential=lab/${date.slice(0, 8)}/${api.region}/${api.service}/aws4_request, ` +
          `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
      },
    });
    call.on('timeout', () => call.destroy(new Error(`${action}: no answer from ${api.endpoint} within ${answerWithinMs} ms`)));
    call.on('error', reject);
    call.on('response', (response) => {
      let xml = '';
      response.setEncoding('utf8').on('data', (text: string) => (xml += text));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) return resolve(xml);
        const code = firstText(xml, 'Code') ?? `HTTP ${response.statusCode}`;
        reject(new QueryError(action, code, firstText(xml, 'Message') ?? xml.slice(0, 200)));
      });
    });
    call.end(body.toString());
  });
}

/** The text of the first element with this name. Enough for the few plain values that are read here. */
export function firstText(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

/** The texts of all elements with this name. */
export function allTexts(xml: string, element: string): string[] {
  return [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map((match) => match[1] ?? '');
}
