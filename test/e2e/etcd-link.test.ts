import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectEtcd, type EtcdFleet } from '../../runner/clients/etcd.ts';
import { realClock as clock } from '../../runner/clock.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { createMask } from '../../runner/mask.ts';
import { startLocalEtcd, type LocalEtcd } from './local-etcd.ts';

describe('the way to an etcd member', () => {
  let first: LocalEtcd;
  let fleet: EtcdFleet;
  let port: number;
  let address: string | undefined;
  let lookUps = 0;
  before(async () => {
    first = await startLocalEtcd(1);
    port = Number(new URL(first.endpoints[0]!).port);
  });
  beforeEach(async () => {
    address = '127.0.0.1';
    const { etcd } = environmentSchema.parse({ name: 'x', etcd: { endpoints: [`http://peer-1.test:${port}`], clusterId: '0' } });
    const addresses = async (): Promise<string[]> => {
      lookUps += 1;
      return address === undefined ? [] : [address];
    };
    fleet = await connectEtcd(etcd!, { dns: { addresses }, clock, userAgent: 'firedrill/test', mask: createMask() });
  });
  afterEach(() => fleet.close());
  after(() => first.close());

  const member = () => fleet.members[0]!;
  const memberId = async (timeoutMs = 20_000): Promise<string> => (await member().status(timeoutMs)).memberId;

  async function untilAnswered(accept: (id: string) => boolean): Promise<void> {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const [answer] = await Promise.allSettled([memberId(1000)]);
      if (answer.status === 'fulfilled' && accept(answer.value)) return;
      assert.ok(Date.now() < deadline, 'no such answer in time');
      await sleep(20);
    }
  }

  it('leads to the new address when the member is back elsewhere and its old connection just hangs', async () => {
    const old = await memberId();
    await first.pause(0);
    const second = await startLocalEtcd(1, { host: '127.0.0.2', port });
    try {
      address = '127.0.0.2';
      await untilAnswered((id) => id !== old);
    } finally {
      first.resume(0);
      await second.close();
    }
  });

  it('is the old one again when the member was only silent', async () => {
    const old = await memberId();
    await first.pause(0);
    await assert.rejects(member().status(300), { kind: 'silent' });
    first.resume(0);
    await untilAnswered((id) => id === old);
  });

  it('is not looked for anew while the member answers', async () => {
    await memberId();
    const before = lookUps;
    for (let count = 0; count < 50; count += 1) await member().put('k', 'v', 10_000);
    assert.equal(lookUps, before);
  });

  it('says at once that there is none while the name has no address, and is found when it has', async () => {
    address = undefined;
    await assert.rejects(member().status(5000), { kind: 'refused', message: 'peer-1.test has no address' });
    address = '127.0.0.1';
    await untilAnswered(() => true);
  });

  it('says that it is refused when nobody listens, and is found when somebody does', async () => {
    await memberId();
    await first.kill(0);
    await assert.rejects(member().status(5000), (error) => ['refused', 'lost'].includes((error as { kind: string }).kind));
    first.start(0);
    await untilAnswered(() => true);
  });
});
