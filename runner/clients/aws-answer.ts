import { Readable } from 'node:stream';

interface Answer {
  readonly response: {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    body?: Readable;
  };
}

/** A 200 whose body is not the action's answer: a page of some proxy, half an answer, nothing. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
  /** For the SDK, which tries reading calls again; what changes something may have happened. */
  readonly $retryable: object | undefined;
  constructor(action: string, text: string) {
    const seen = text.trim() === '' ? 'nothing' : text.trim().slice(0, 60);
    super(`${action}: the answer is not AWS's (${seen})`);
    this.$retryable = /^(Describe|Get|Lookup)/.test(action) ? {} : undefined;
  }
}

/**
 * Makes sure that an answer is whole and the action's own before the SDK reads it: of any other XML, or of none, the SDK
 * makes an empty answer, and “nothing carries our tags” would be believed.
 *
 * @param action such as `DescribeInstances`
 * @param answer what the SDK's transport gave; errors of the service are left to the SDK
 * @returns the same, its body still to be read
 * @throws WrongAnswer
 */
export async function requireWholeAnswer<T>(action: string, answer: T): Promise<T> {
  const { response } = answer as Answer;
  if (response.statusCode !== 200) return answer;
  const text = response.body ? await textOf(response.body) : '';
  const isWhole = response.headers['content-type']?.includes('json') ? isObject(text) : isXmlOf(action, text);
  if (!isWhole) throw new WrongAnswer(action, text);
  response.body = Readable.from([Buffer.from(text)]);
  return answer;
}

/** The query protocols: one element, named after the action. Parsing is the SDK's. */
function isXmlOf(action: string, text: string): boolean {
  const name = `${action}Response`;
  return new RegExp(`^\\s*(?:<\\?xml[^>]*\\?>\\s*)?<${name}[\\s>]`).test(text) && text.trimEnd().endsWith(`</${name}>`);
}

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
