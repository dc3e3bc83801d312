import { z } from 'zod';
import { identifier, positiveDuration, rate } from './values.ts';

const statusHelp = 'give a status such as 200, or a class of them: 2xx, 3xx, 4xx, 5xx';
const status = z.union([z.int().min(200).max(599), z.enum(['2xx', '3xx', '4xx', '5xx'])], { error: statusHelp });

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const url = z
  .url({ protocol: /^https?$/, error: 'give an address such as http://payments:8080/health' })
  .refine((text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''), { error: 'give it without a user and a password: it is in every report' });

const pattern = z.string().min(1).refine(isPattern, { error: 'give a regular expression of JavaScript' });

/** One kind of request, and the answer that it must get. */
export const requestShape = {
  url: url.describe('What is asked for: http://payments:8080/health'),
  method: z.enum(['GET', 'POST']).default('GET').describe('GET or POST; GET when left out'),
  headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/, { error: 'give the name of a header, such as content-type' }), z.string().regex(/^[\t\u0020-\u007e]*$/, { error: 'give printable ASCII' })).default({}).describe('Header lines. They are in the journal: no place for a secret'),
  body: z.string().optional().describe('What is sent with a POST'),
  expect: z
    .strictObject({
      status: z.union([status, z.array(status).min(1)], { error: statusHelp }).default('2xx').describe('The status that is right, or several; 2xx when left out'),
      body: z.string().min(1).optional().describe('A text that the body must have in it'),
      bodyMatches: pattern.optional().describe('A regular expression that the body must match'),
    })
    .prefault({})
    .describe('The answer that is right; any other is a failure'),
  connection: z.enum(['keep-alive', 'close']).default('keep-alive').describe('keep-alive: connections are used again; close: one for each request'),
  serverName: z.string().min(1).optional().describe('https: the name that the certificate must be for, in place of the host of the url'),
  proxy: z
    .string()
    .regex(/^(?:\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, { error: 'give a host and a port, such as 10.200.1.20:4140' })
    .optional()
    .describe('host:port of an HTTP proxy that each request is sent to, as linkerd 1.x takes it'),
};

/** Whether what is asked for can go through a proxy that takes whole addresses: https can't. */
export const goesThroughProxy = (url: string): boolean => !url.startsWith('https:');
export const notThroughProxy = 'https does not go through a proxy that takes whole addresses';

export const requestSchema = z.strictObject(requestShape);

const endpoint = z
  .strictObject({ ...requestShape, weight: z.number().positive().default(1).describe('Its part of the load, against the weights of the others; 1 when left out') })
  .refine(({ url, proxy }) => proxy === undefined || goesThroughProxy(url), { error: `${notThroughProxy}: ask for http, or leave proxy out`, path: ['proxy'] });

/** A copy of a load's read-only requests that is sent to a second target, whose answers are compared with those of the first. */
const shadow = z.strictObject({
  to: url
    .refine((text) => !URL.canParse(text) || (new URL(text).search === '' && new URL(text).hash === ''), { error: 'give it without ? and #: path and query are those of each endpoint' })
    .describe('Where the copies go: http://shop-next:8080. Path and query of each endpoint are put behind it'),
  of: z.array(identifier).min(1).describe('The endpoints whose requests are copied; their method has to be GET'),
  normalise: z.array(pattern).default([]).describe('Regular expressions: what matches is taken out of both bodies before they are compared'),
});

/** A background load: requests that are sent for the whole drill and not judged. */
export const loadSchema = z
  .strictObject({
    rate: rate.describe('Requests in a second over all endpoints, such as 200/s'),
    ramp: positiveDuration.optional().describe('How long the rate grows evenly from nothing; at once when left out'),
    timeout: positiveDuration.default(5_000).describe('How long a request may take; 5s when left out'),
    endpoints: z.record(identifier, endpoint).refine((all) => Object.keys(all).length > 0, { error: 'give at least one' }).describe('What is asked for, each by a name'),
    shadow: shadow.optional().describe('Sends a copy of some requests to a second target as well, and compares the answers'),
  })
  .superRefine(checkShadow);

export type Load = z.output<typeof loadSchema>;

/** A copy of a request that changes something would change it twice. */
function checkShadow({ endpoints, shadow: copies }: { endpoints: Record<string, z.output<typeof endpoint>>; shadow?: z.output<typeof shadow> | undefined }, context: z.RefinementCtx): void {
  for (const [index, name] of (copies?.of ?? []).entries()) {
    const one = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
    const fail = (message: string): void => context.addIssue({ code: 'custom', path: ['shadow', 'of', index], message });
    if (!one) fail(`give the name of an endpoint: ${Object.keys(endpoints).join(', ')}`);
    else if (one.method !== 'GET') fail(`it sends ${one.method}, which may change something: give endpoints that send GET`);
    else if (one.proxy !== undefined && !goesThroughProxy(copies!.to)) fail(`it goes through a proxy, and ${notThroughProxy}: give shadow.to with http, or leave it out`);
  }
}
