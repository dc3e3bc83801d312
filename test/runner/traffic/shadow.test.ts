import assert from 'node:assert/strict';
import { connect } from '../../../runner/clients/connect.ts';
import { realClock } from '../../../runner/clock.ts';
import { environmentSchema } from '../../../runner/environment.ts';
import { judge } from '../../../runner/judge.ts';
import type { Entry, EntryBodies } from '../../../runner/journal.ts';
import type { Journal } from '../../../runner/journal-file.ts';
import { createMask } from '../../../runner/mask.ts';
import { startLoads } from '../../../runner/traffic/load.ts';
import type { JudgedLoad } from '../../../runner/verdict.ts';
import { loadSchema } from '../../../scenarios/traffic.ts';
import { startServer, type TestServer } from '../clients/http-server.ts';
import { drill, JournalBuilder } from '../journal-builder.ts';

type Answering = Parameters<typeof startServer>[0];

describe('a load with a shadow', () => {
  const servers: TestServer[] = [];
  const serve = async (answer: Answering): Promise<TestServer> => {
    const server = await startServer(answer);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  /** Sends a load to one server, and copies to another, until so many copies were asked for; then tells what the journal says of it. */
  async function ran(first: TestServer, copy: TestServer, { copies = 20, ...shadow }: { copies?: number; normalise?: string[] } = {}): Promise<JudgedLoad[]> {
    const load = {
      shop: loadSchema.parse({
        rate: '100/s',
        timeout: '400ms',
        endpoints: {
          read: { url: `http://127.0.0.1:${first.port}/items?page=2`, headers: { Host: 'shop', 'X-Shop': 'yes' }, expect: { status: ['2xx', 404] } },
          buy: { url: `http://127.0.0.1:${first.port}/orders`, method: 'POST', body: '{}' },
        },
        shadow: { to: `http://127.0.0.1:${copy.port}/next/`, of: ['read'], ...shadow },
      }),
    };
    const environment = environmentSchema.parse({ name: 'e', traffic: { hosts: ['127.0.0.1'], maxRate: '500/s', maxRequests: 10_000 } });
    const world = connect(environment, { run: 'r', version: '0', clock: realClock, mask: createMask() });
    const startMs = realClock.now();
    const made = new JournalBuilder({ ...drill(), load });
    const journal = {
      runTime: (ms: number) => ms - startMs,
      append: (type: 'load' | 'shadow', body: EntryBodies['load' | 'shadow']) => void made.add(realClock.now() - startMs, type, body),
    };
    const stop = await startLoads({ scenario: { load }, world, journal: journal as unknown as Journal, clock: realClock, blind: () => {} });
    while (copy.requests.length < copies) await realClock.sleep(10);
    // What is under way is to be answered.
    await realClock.sleep(100);
    await stop();
    await world.close();
    const entries = JSON.parse(JSON.stringify(made.entries)) as Entry[];
    return [...(judge(entries).loads ?? [])];
  }

  const named = (loads: readonly JudgedLoad[], endpoint: string, copied: boolean): JudgedLoad => loads.find((one) => one.endpoint === endpoint && (one.copiedTo !== undefined) === copied)!;

  it('asks a second target the same, and finds that the answers are the same', async () => {
    const answer: Answering = (_, response) => void response.end('[1,2]');
    const [first, copy] = [await serve(answer), await serve(answer)];
    const loads = await ran(first, copy);
    assert.deepEqual(new Set(copy.requests.map(({ line }) => line)), new Set(['GET /next/items?page=2 HTTP/1.1']));
    assert.deepEqual([copy.requests[0]!.headers['x-shop'], copy.requests[0]!.headers.host], ['yes', `127.0.0.1:${copy.port}`]);
    assert.deepEqual(loads.map(({ endpoint, copiedTo }) => [endpoint, copiedTo]), [['buy', undefined], ['read', undefined], ['read', `http://127.0.0.1:${copy.port}/next/`]]);
    const { shadow, ok } = named(loads, 'read', false);
    assert.ok(shadow && shadow.same >= 20 && shadow.different === 0 && shadow.same + shadow.unanswered >= ok, JSON.stringify(shadow));
    assert.equal(named(loads, 'read', true).failed['refused'], undefined);
    assert.equal(named(loads, 'buy', false).shadow, undefined);
  });

  it('tells what differs, also between answers that are both as expected', async () => {
    const first = await serve((_, response) => void response.end('{"at":1,"price":3}'));
    let asked = 0;
    const copy = await serve((_, response) => void ((asked += 1) % 2 === 0 ? response.writeHead(404).end() : response.end(`{"at":${asked},"price":${asked === 1 ? 4 : 3}}`)));
    const { shadow } = named(await ran(first, copy, { normalise: ['"at":\\d+'] }), 'read', false);
    assert.ok(shadow!.same >= 5 && shadow!.different >= 5, JSON.stringify(shadow));
    assert.deepEqual(shadow!.told.map(({ what }) => what), ['body from character 11 on: “…"price":3}”, and “…"price":4}” from the shadow', ...Array<string>(4).fill('status 200, and 404 from the shadow')]);
  });

  it('never slows the first: a second target that hangs is compared with nothing', async () => {
    const first = await serve((_, response) => void response.end('ok'));
    const copy = await serve(() => {});
    const loads = await ran(first, copy, { copies: 60 });
    const read = named(loads, 'read', false);
    assert.deepEqual(read.failed, {});
    assert.ok(read.latency!.p50 < 100, `half of them took ${read.latency!.p50} ms`);
    assert.ok(named(loads, 'read', true).failed['timeout']! > 0);
    assert.ok(read.shadow!.same === 0 && read.shadow!.different === 0 && read.shadow!.unanswered >= 60, JSON.stringify(read.shadow));
  });
});
