import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { badRequest, StatusError, unsupportedMediaType } from '../errors.ts';
import type { Loose } from '../object.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';

/** As etcd's limit of a request is 1.5 MB, more could not be kept anyway. */
const largestBytes = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > largestBytes) {
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${largestBytes}`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

export function contentTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Reads an object in any of the forms that clients send.
 *
 * @param kind what it is to be, for messages
 * @throws StatusError 400 when it can't be read, 415 for a form that isn't known
 */
export function readObject(contentType: string, body: Buffer, kind: string): Loose {
  switch (contentType) {
    case '':
    case 'application/json':
      return readJson(body, kind);
    case 'application/yaml':
      return readYaml(body, kind);
    case 'application/vnd.kubernetes.protobuf':
      return decodeProtobuf(body);
    default:
      throw unsupportedMediaType(
        'the body of the request was in an unknown format - accepted media types include: ' +
          'application/json, application/yaml, application/vnd.kubernetes.protobuf',
      );
  }
}

function readJson(body: Buffer, kind: string): Loose {
  const text = body.toString('utf8');
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    throw new SyntaxError('cannot unmarshal the value into an object');
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ` +
        `${jsonProblem(text, error)} (${text === '' ? '<empty>' : text.slice(0, 100)})`,
    );
  }
}

export function readYaml(body: Buffer, kind: string): Loose {
  const text = body.toString('utf8');
  try {
    const value = parseYaml(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    throw new SyntaxError('cannot unmarshal the value into an object');
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; yaml: ` +
        (error instanceof Error ? error.message : String(error)),
    );
  }
}

/** The real server's words for the most frequent of all problems. */
export function jsonProblem(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return text === '' || /end of JSON|Unterminated|Expected .* at position/.test(message) ? 'unexpected end of JSON input' : message;
}
