import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** What the server says to one request: a status and the XML inside of the answer's root, or an error code. */
export type Said = { readonly xml: string } | { readonly raw: string } | { readonly error: string; readonly status: number; readonly message?: string };

export interface QueryServer {
  readonly endpoint: string;
  /** The parameters of every request, and the user agent as `agent`. The n-th is answered with request id `req-n`. */
  readonly requests: Record<string, string>[];
  close(): Promise<void>;
}

/**
 * A server that speaks just enough of the AWS query protocol to be asked by the SDK.
 *
 * @param answer what to say; never settles for a server that hangs
 */
export async function startQueryServer(answer: (request: Record<string, string>) => Said | Promise<Said>): Promise<QueryServer> {
  const requests: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    respond(request).then(
      ({ status, body, requestId }) => response.writeHead(status, { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  async function respond(request: IncomingMessage): Promise<{ status: number; body: string; requestId: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const parameters = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    requests.push({ ...parameters, agent: request.headers['user-agent'] ?? '' });
    const requestId = `req-${requests.length}`;
    const action = parameters['Action'] ?? '';
    const said = await answer(parameters);
    if ('raw' in said) return { status: 200, body: said.raw, requestId };
    if ('xml' in said) return { status: 200, body: wrap(action, said.xml), requestId };
    const { error, status, message = 'no' } = said;
    return { status, body: errorBody(parameters['Version'] ?? '', error, message), requestId };
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** EC2 wraps once, the other services twice. */
function wrap(action: string, xml: string): string {
  return `<${action}Response><${action}Result>${xml}</${action}Result>${xml}</${action}Response>`;
}

function errorBody(version: string, code: string, message: string): string {
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const isEc2 = version === '2016-11-15';
  return isEc2 ? `<Response><Errors>${error}</Errors></Response>` : `<ErrorResponse>${error}</ErrorResponse>`;
}
