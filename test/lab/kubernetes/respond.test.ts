import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { respond } from '../../../lab/kubernetes/api/http/respond.ts';

/** A list of so many items; none is like that of another list. */
const listOf = (name: string, items: number) => ({
  kind: 'List',
  items: Array.from({ length: items }, (_, at) => ({ name: `${name}-${at}`, text: `${name} `.repeat(500) })),
});

describe('the answers of the API server', () => {
  let server: Server;
  let port: number;
  before(async () => {
    server = createServer((request, response) => {
      const [, name = '', items = ''] = (request.url ?? '').split('/');
      respond(response, { code: 200, body: listOf(name, Number(items)) });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  after(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  /** @param slow whether it reads only after the others have been answered */
  async function ask(name: string, items: number, slow?: Promise<unknown>): Promise<unknown> {
    const [answer] = (await once(get({ port, host: '127.0.0.1', path: `/${name}/${items}` }), 'response')) as [AsyncIterable<Buffer>];
    await slow;
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  }

  it('are each their own, also to those who read slowly while others are answered', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    // More than fits into the sockets' buffers, so that the server still has to read from what it wrote.
    const slow = ['a', 'b', 'c'].map((name) => ask(name, 6_000, promise));
    for (let round = 0; round < 20; round += 1) {
      const name = `quick-${round}`;
      assert.deepEqual(await ask(name, round * 40), listOf(name, round * 40));
    }
    resolve();
    assert.deepEqual(await Promise.all(slow), ['a', 'b', 'c'].map((name) => listOf(name, 6_000)));
  });

  it('are whole after others were broken off in the middle', async () => {
    for (let round = 0; round < 10; round += 1) {
      const request = get({ port, host: '127.0.0.1', path: `/broken-${round}/2000` });
      await once(request, 'response');
      request.destroy();
      assert.deepEqual(await ask(`after-${round}`, 300), listOf(`after-${round}`, 300));
    }
  });
});
