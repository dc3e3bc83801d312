import assert from 'node:assert/strict';
import { meshTrouble } from '../../../lab/specimen/mesh-view.ts';
import { MeshUnderTest, until } from './mesh-under-test.ts';

describe('whether the proxies know where services are', function () {
  this.timeout('20s');
  let mesh: MeshUnderTest;
  beforeEach(async () => {
    mesh = await MeshUnderTest.begin();
  });
  afterEach(() => mesh.end());

  it('is told by the addresses that they send to: not those of a deployment that they have not heard of, nor those that are gone', async () => {
    const [old, fresh] = [await mesh.pod((_request, response) => response.end('old')), await mesh.pod((_request, response) => response.end('fresh'))];
    mesh.serve('accounts', old.address);
    const { adminPort } = await mesh.start();
    const proxies = [`127.0.0.1:${adminPort}`];
    const trouble = (): Promise<string | null> => meshTrouble(mesh.api.client(), proxies);
    assert.equal((await mesh.ask('http://accounts/')).text, 'old');
    assert.equal(await trouble(), null);

    mesh.api.stall(true);
    mesh.serve('accounts', old.address, fresh.address);
    assert.match((await trouble())!, /does not know yet where accounts\.bank is$/);
    mesh.serve('accounts', fresh.address);
    assert.match((await trouble())!, /does not know yet where accounts\.bank is$/);
    mesh.serve('accounts');
    assert.match((await trouble())!, /does not know yet where accounts\.bank is$/);
    mesh.serve('accounts', fresh.address);
    mesh.api.stall(false);
    await until('the proxy has heard', async () => (await trouble()) === null);
    assert.equal((await mesh.ask('http://accounts/')).text, 'fresh');
  });

  it('is not so of one that does not answer', async () => {
    assert.equal(await meshTrouble(mesh.api.client(), ['127.0.0.1:1']), 'the linkerd at 127.0.0.1:1 does not answer');
  });
});
