import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { connectPrometheus, QueryRefused } from '../../../runner/clients/prometheus.ts';
import { startServer, type TestServer } from './http-server.ts';

const lookup: LookupFunction = (_, __, tell) => tell(null, '127.0.0.1', 4);
const token = 'a-token-of-ours';

describe('a client of Prometheus', () => {
  let server: TestServer;
  before(async () => {
    server = await startServer((request, response) => {
      const { authorization } = request.headers;
      if (authorization === 'Bearer wrong') response.writeHead(403).end('no');
      else if (authorization !== `Bearer ${token}`) response.writeHead(401).end('who are you?');
      else response.end('{"status":"success","data":{"resultType":"scalar","result":[0,"7"]}}');
    });
  });
  after(() => server.close());

  async function asked(given?: string): Promise<unknown> {
    const client = connectPrometheus({ url: `http://127.0.0.1:${server.port}/`, ...(given === undefined ? {} : { token: given }) }, { lookup, userAgent: 'firedrill/0' });
    try {
      return await client.query('up', AbortSignal.timeout(5_000));
    } finally {
      client.close();
    }
  }

  it('shows its token with each question', async () => {
    assert.deepEqual(await asked(token), [{ labels: '', value: 7 }]);
    const { line, headers } = server.requests.at(-1)!;
    assert.deepEqual([line, headers.authorization, headers['user-agent']], ['GET /api/v1/query?query=up HTTP/1.1', `Bearer ${token}`, 'firedrill/0']);
  });

  it('says what to do where Prometheus wants a token, or does not take ours, and never shows it', async () => {
    await assert.rejects(asked(), new QueryRefused('Prometheus answers 401 to us; give prometheus.token in the environment file'));
    assert.equal(server.requests.at(-1)!.headers.authorization, undefined);
    await assert.rejects(asked('wrong'), new QueryRefused('Prometheus answers 403 to us; check prometheus.token in the environment file'));
  });
});
