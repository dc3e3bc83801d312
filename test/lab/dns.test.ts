import assert from 'node:assert/strict';
import * as dns from 'dns-packet';
import { awsAddress, etcdDomain, members } from '../../lab/names.ts';
import { answerTo } from '../../lab/world/dns-server.ts';
import { createDnsZone } from '../../lab/world/dns-zone.ts';

const peer3 = `peer-3.${etcdDomain}`;

describe("the lab's DNS", () => {
  const zone = createDnsZone();
  zone.point(peer3, 'i-1', '10.200.1.7');

  const ask = (name: string, type: dns.RecordType, more: Partial<dns.Packet> = {}) => {
    const message = dns.encode({ type: 'query', id: 7, flags: dns.RECURSION_DESIRED, questions: [{ type, name }], ...more });
    const reply = answerTo(message, zone);
    assert.ok(reply, 'an answer');
    const { rcode, ...packet } = dns.decode(dns.encode(reply.packet)) as dns.DecodedPacket & { rcode: string };
    assert.equal(packet.id, 7);
    return { rcode, answers: packet.answers ?? [], authorities: packet.authorities ?? [], limitBytes: reply.limitBytes };
  };

  it('gives an instance by its name, whatever the case, for one second', () => {
    for (const name of [peer3, peer3.toUpperCase()]) {
      const { rcode, answers } = ask(name, 'A');
      assert.equal(rcode, 'NOERROR');
      assert.deepEqual(answers.map((each) => each.type === 'A' && [each.name, each.data, each.ttl]), [[name, '10.200.1.7', 1]]);
    }
  });

  it('has an empty answer, not "no such name", for a name without an IPv6 address', () => {
    const { rcode, answers, authorities } = ask(peer3, 'AAAA');
    assert.deepEqual([rcode, answers.length, authorities.map((each) => each.type)], ['NOERROR', 0, ['SOA']]);
  });

  it('has an empty answer for a name that only has names below it', () => {
    assert.deepEqual([ask(etcdDomain, 'A').rcode, ask('example.com', 'A').rcode], ['NOERROR', 'NOERROR']);
  });

  it('says that there is no such name, for a second', () => {
    const { rcode, authorities } = ask(`peer-12.${etcdDomain}`, 'A');
    assert.equal(rcode, 'NXDOMAIN');
    assert.deepEqual(authorities.map((each) => each.type === 'SOA' && [each.ttl, each.data.minimum]), [[1, 1]]);
  });

  it('lists all nine members as the etcd service, dead or alive', () => {
    const { answers } = ask(`_etcd-server._tcp.${etcdDomain}`, 'SRV');
    const found = answers.map((each) => each.type === 'SRV' && `${each.data.target}:${each.data.port}`);
    assert.deepEqual(found, members.map((member) => `${member.name}:2380`));
  });

  it("leads AWS's names to the lab's AWS", () => {
    assert.deepEqual(ask('ec2.eu-west-1.amazonaws.com', 'A').answers.map((each) => each.type === 'A' && each.data), [awsAddress]);
  });

  it('takes the larger limit from a question that names one', () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [] } as unknown as dns.Answer;
    assert.equal(ask(peer3, 'A').limitBytes, 512);
    assert.equal(ask(peer3, 'A', { additionals: [opt] }).limitBytes, 1232);
  });

  it('is silent on what is no question', () => {
    assert.equal(answerTo(Buffer.from('not DNS at all'), zone), null);
    assert.equal(answerTo(dns.encode({ type: 'response', id: 1, questions: [{ type: 'A', name: peer3 }] }), zone), null);
  });

  it('keeps the new address when the old instance of a name is gone only later', () => {
    const moved = createDnsZone();
    moved.point(peer3, 'i-old', '10.200.1.7');
    moved.point(peer3, 'i-new', '10.200.1.8');
    moved.withdraw(peer3, 'i-old');
    assert.equal(moved.addressOf(peer3), '10.200.1.8');
    moved.withdraw(peer3, 'i-new');
    assert.equal(moved.addressOf(peer3), undefined);
    assert.equal(moved.lookup(peer3, 'A').exists, false);
  });
});
