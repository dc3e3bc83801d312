import assert from 'node:assert/strict';
import { services } from '../../../lab/specimen/services/index.ts';
import { createMesh, type Mesh } from '../../../lab/specimen/services/mesh.ts';
import { serve, type Served } from '../../../lab/specimen/services/serve.ts';
import { shifted, shiftsIn } from '../../../lab/specimen/services/shift.ts';
import { MeshUnderTest, until, type Answered } from './mesh-under-test.ts';

describe('the specimen’s services', function () {
  this.timeout('20s');
  let net: MeshUnderTest;
  let mesh: Mesh;
  let running: Served[];
  const said: string[] = [];

  beforeEach(async () => {
    said.length = 0;
    running = [];
    net = await MeshUnderTest.begin();
    await net.start();
    mesh = createMesh({ host: '127.0.0.1', port: net.linkerd.proxyPort });
  });
  afterEach(async () => {
    mesh.close();
    await Promise.all(running.map((each) => each.end(0)));
    await net.end();
  });

  const run = async (name: string, { as = name, env = {}, version = 'v1' }: { as?: string; env?: Record<string, string>; version?: string } = {}): Promise<Served> => {
    const served = await serve(services[name]!({ mesh, env }), { host: '127.0.0.1', port: 0, pod: `${as}-1`, version, log: (line) => said.push(line) });
    running.push(served);
    net.serve(as, `127.0.0.1:${served.port}`);
    return served;
  };
  const bank = async (env: Record<string, string> = {}): Promise<void> => {
    for (const name of ['accounts', 'cards', 'pots', 'feed', 'payments']) await run(name);
    await run('api-gateway', { env });
    await until('all services', async () => (await net.ask('http://api-gateway/feed/acc_1')).status === 200 && (await net.ask('http://pots/pots/acc_1')).status === 200 && (await pay({ account: 'acc_1', to: 'acc_2', amountPence: 1 })).status === 201);
  };
  const json = ({ text }: Answered): never => JSON.parse(text) as never;
  const pay = (body: object | string, headers: Record<string, string> = {}): Promise<Answered> =>
    net.ask('http://api-gateway/payments', { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('answer through the gateway, by path, and say which pod it was', async () => {
    await bank();
    const ask = (path: string): Promise<Answered> => net.ask(`http://api-gateway${path}`);
    const account = await ask('/accounts/acc_7');
    const { id, balancePence, currency }: { id: string; balancePence: number; currency: string } = json(account);
    assert.deepEqual([account.status, account.headers['x-served-by'], id, currency], [200, 'accounts-1', 'acc_7', 'GBP']);
    assert.ok(balancePence >= 0 && Number.isInteger(balancePence));
    const [card]: { account: string; lastFour: string; state: string }[] = json(await ask('/cards/acc_7'));
    assert.equal(card!.account, 'acc_7');
    assert.match(card!.lastFour, /^\d{4}$/);
    assert.ok(Array.isArray(json(await ask('/pots/acc_7'))));
    const feed = await ask('/feed/acc_7');
    assert.deepEqual(json(feed), { account: 'acc_7', items: [{ kind: 'balance', balancePence }, { kind: 'card', lastFour: card!.lastFour, state: card!.state }] });
    assert.equal(feed.headers['x-served-by'], 'feed-1');
    assert.deepEqual(await Promise.all(['/', '/loans', '/accounts/nobody', '/cards/x', '/accounts/acc_1/x', '/accounts/%zz'].map(async (path) => (await ask(path)).status)), [404, 404, 404, 404, 404, 400]);
  });

  it('payments asks accounts, and pays once for each idempotency key', async () => {
    await bank();
    const payment = { account: 'acc_7', to: 'acc_8', amountPence: 1 };
    const key = { 'idempotency-key': 'k1' };
    const [first, second] = await Promise.all([pay(payment, key), pay(payment, key)]);
    const third = await pay(payment, key);
    assert.deepEqual([first.status, second.status, third.status], [201, 201, 201]);
    assert.equal(new Set([first, second, third].map(({ text }) => text)).size, 1);
    assert.equal(third.headers['idempotent-replayed'], 'true');
    assert.notEqual((await pay(payment, { 'idempotency-key': 'k2' })).text, first.text);
    assert.notEqual((await pay(payment)).text, (await pay(payment)).text);
    assert.equal((await pay({ ...payment, amountPence: 500_001 })).status, 422);
    for (const wrong of ['', 'null', '[]', '{', { ...payment, amountPence: 0.5 }, { ...payment, amountPence: -1 }, { ...payment, account: 'x' }]) assert.equal((await pay(wrong)).status, 400, JSON.stringify(wrong));
  });

  it('payments forgets a key whose payment was not decided', async () => {
    await run('payments');
    await run('api-gateway');
    const key = { 'idempotency-key': 'k1' };
    await until('the gateway and payments', async () => (await net.ask('http://api-gateway/payments')).status === 404);
    const undecided = await pay({ account: 'acc_7', to: 'acc_8', amountPence: 1 }, key);
    assert.equal(undecided.status, 502);
    await run('accounts');
    await until('accounts', async () => (await net.ask('http://accounts/accounts/acc_7')).status === 200);
    assert.equal((await pay({ account: 'acc_7', to: 'acc_8', amountPence: 1 }, key)).status, 201);
  });

  it('pass deadline and trace from hop to hop, and say 502 when the way ends', async () => {
    const seen: Record<string, unknown>[] = [];
    const accounts = await net.pod((request, response) => {
      seen.push(request.headers);
      response.writeHead(500).end();
    });
    net.serve('accounts', accounts.address);
    await run('cards');
    await run('feed');
    await until('feed', async () => (await net.ask('http://feed/feed/acc_1', { headers: { 'x-b3-traceid': '00000000000000bb', 'l5d-ctx-trace': 'own', traceparent: 'own' } })).status === 502 && seen.length > 0);
    const { traceparent, 'x-b3-traceid': b3, 'l5d-ctx-trace': linkerd } = seen.at(-1)!;
    assert.deepEqual([b3, traceparent, linkerd], ['00000000000000bb', 'own', 'own']);
    const unreachable = createMesh({ host: '127.0.0.1', port: 1 });
    const alone = await serve(services.feed!({ mesh: unreachable, env: {} }), { host: '127.0.0.1', port: 0, pod: 'feed-2', version: 'v1', log: (line) => said.push(line) });
    running.push(alone);
    const { status, text } = await net.ask('/feed/acc_1', { port: alone.port });
    assert.equal(status, 502);
    assert.match(text, /accounts: .*ECONNREFUSED|cards: .*ECONNREFUSED/);
    unreachable.close();
    assert.deepEqual(said, []);
  });

  it('the gateway gives a new version its percentage', async () => {
    await run('accounts');
    await run('accounts', { as: 'accounts-v2', version: 'v2' });
    await run('api-gateway', { env: { SHIFT: 'accounts-v2:50' } });
    await until('both', async () => (await Promise.all(Array.from({ length: 20 }, () => net.ask('http://api-gateway/accounts/acc_1')))).every(({ status }) => status === 200));
    const versions = await Promise.all(Array.from({ length: 100 }, async () => (await net.ask('http://api-gateway/accounts/acc_1')).headers['x-version']));
    const share = versions.filter((version) => version === 'v2').length;
    assert.ok(share > 20 && share < 80, String(share));
  });

  it('a shift is a version and a percentage', () => {
    const shifts = shiftsIn('accounts-v2:10, accounts-v3:5.5,api-gateway-v2:1');
    assert.deepEqual(shifts.map(({ service, to, percent }) => `${service} ${to} ${percent}`), ['accounts accounts-v2 10', 'accounts accounts-v3 5.5', 'api-gateway api-gateway-v2 1']);
    assert.deepEqual([0, 0.0999, 0.1, 0.1549, 0.155, 0.99].map((chance) => shifted('accounts', shifts, chance)), ['accounts-v2', 'accounts-v2', 'accounts-v3', 'accounts-v3', 'accounts', 'accounts']);
    assert.equal(shifted('feed', shifts, 0), 'feed');
    assert.deepEqual(shiftsIn(''), []);
    for (const wrong of ['accounts:10', 'accounts-v2', 'accounts-v2:101', 'accounts-v2:x']) assert.throws(() => shiftsIn(wrong), /give a service's version and a percentage, such as accounts-v2:10/);
  });

  it('end in order: first not ready while serving, then finishing what is under way', async () => {
    const slow = await serve(() => new Promise((resolve) => void setTimeout(() => resolve({ status: 200, body: 'late' }), 400)), { host: '127.0.0.1', port: 0, pod: 'slow-1', version: 'v1', log: () => {} });
    const { port } = slow;
    assert.equal((await net.ask('/healthz', { port })).status, 200);
    const ended = slow.end(300);
    assert.equal((await net.ask('/healthz', { port })).status, 503);
    const late = await net.ask('/x', { port });
    assert.deepEqual([late.status, late.headers.connection], [200, 'close']);
    await ended;
    await assert.rejects(net.ask('/healthz', { port }), /ECONNREFUSED/);
  });
});
