import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import { connectDns } from '../../../runner/clients/dns.ts';

const nameNotFound = 3;

describe('the DNS client', () => {
  const addresses = new Map<string, string[]>();
  const silent = 'silent.test';
  const socket = createSocket('udp4', (message, from) => {
    const { id, questions = [] } = decode(message);
    const name = questions[0]?.name ?? '';
    if (name === silent) return;
    const found = addresses.get(name);
    const flags = AUTHORITATIVE_ANSWER | (found ? 0 : nameNotFound);
    const answers = (found ?? []).map((data) => ({ type: 'A' as const, name, ttl: 300, data }));
    socket.send(encode({ type: 'response', ...(id === undefined ? {} : { id }), flags, questions, answers }), from.port, from.address);
  });
  let server: string;
  before(async () => {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    server = `127.0.0.1:${socket.address().port}`;
  });
  after(() => socket.close());

  it('asks the server of the environment file anew each time, whatever the record allows to be kept', async () => {
    const dns = connectDns(server);
    addresses.set('peer-1.test', ['10.0.0.2', '10.0.0.1']);
    assert.deepEqual(await dns.addresses('peer-1.test'), ['10.0.0.1', '10.0.0.2']);
    addresses.set('peer-1.test', ['10.0.0.9']);
    assert.deepEqual(await dns.addresses('peer-1.test'), ['10.0.0.9']);
  });

  it('gives nothing for a name that does not exist', async () => {
    assert.deepEqual(await connectDns(server).addresses('nobody.test'), []);
  });

  it('says which name it was when the server is silent', async () => {
    await assert.rejects(connectDns(server).addresses(silent), /silent\.test/);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const asking = connectDns(server).addresses(silent, controller.signal);
    controller.abort(new Error('enough'));
    await assert.rejects(asking, /enough/);
  });

  it('takes an address for what it is', async () => {
    assert.deepEqual(await connectDns(undefined).addresses('10.1.2.3'), ['10.1.2.3']);
  });

  it("finds the system's own names when the environment file names no server", async () => {
    assert.ok((await connectDns(undefined).addresses('localhost')).length > 0);
  });
});
