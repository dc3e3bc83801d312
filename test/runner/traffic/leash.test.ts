import assert from 'node:assert/strict';
import { environmentSchema } from '../../../runner/environment.ts';
import { refusalsFor } from '../../../runner/guard.ts';
import { loadKinds } from '../../../runner/kinds.ts';
import { demandsOf } from '../../../runner/traffic/demands.ts';
import { trafficRefusals, type TrafficDemand } from '../../../runner/traffic/leash.ts';
import { vantageWarnings } from '../../../runner/traffic/vantage.ts';
import { loadScenario } from '../../../scenarios/load.ts';
import { sampleEnvironment, samplePlatform } from '../sample-platform.ts';
import { sampleScenario } from '../sample-scenario.ts';

const kinds = await loadKinds();
const traffic = { hosts: ['payments', '*.example.com', '10.200.1.20:4140'], maxRate: '100/s', maxRequests: 10_000 };
const environment = environmentSchema.parse({ name: 'staging', traffic });

function demand(host: string, perSecond = 10): TrafficDemand {
  return { who: 'probe pay', hosts: [host], perSecond };
}

describe('what an environment gives away to requests', () => {
  for (const host of ['payments:80', 'payments:8080', 'api.example.com:443', '10.200.1.20:4140']) {
    it(`lets ${host} be asked`, () => assert.deepEqual(trafficRefusals([demand(host)], environment, 60_000), []));
  }

  for (const host of ['cards:80', 'payments.example.org:80', 'example.com:80', '10.200.1.20:22', 'payments.evil:80']) {
    it(`refuses ${host}, and says what to do`, () => {
      const [refusal] = trafficRefusals([demand(host)], environment, 60_000);
      assert.equal(refusal, `probe pay would send requests to ${host}, which is not among the traffic.hosts of environment staging (payments, *.example.com, 10.200.1.20:4140); add it there, or ask another`);
    });
  }

  it('is nothing, where it says nothing', () => {
    const refusals = trafficRefusals([demand('payments:80')], environmentSchema.parse({ name: 'bare' }), 60_000);
    assert.deepEqual(refusals, ['probe pay would send requests to payments:80, and environment bare gives none away; list whom drills may ask in its traffic.hosts, with traffic.maxRate and traffic.maxRequests']);
  });

  it('is bounded in rate, over all that a drill sends', () => {
    const [refusal, ...more] = trafficRefusals([demand('payments:80', 60), { ...demand('payments:80', 50), who: 'load shop' }], environment, 1_000);
    assert.deepEqual(more, []);
    assert.equal(refusal, 'probe pay, load shop would send 110/s together, and traffic.maxRate of environment staging is 100/s; send less, or raise the limit');
  });

  it('is bounded in count, over the longest that the drill may take', () => {
    assert.deepEqual(trafficRefusals([demand('payments:80', 10)], environment, 1_000_000), []);
    const [refusal] = trafficRefusals([demand('payments:80', 10)], environment, 1_000_100);
    assert.match(refusal!, /^probe pay would send up to 10001 requests in 1001 s, .* traffic\.maxRequests of environment staging is 10000; send less/);
    assert.match(trafficRefusals([demand('payments:80')], environment, undefined)[0]!, /not known.*; look again/);
  });

  it('is looked at by the guard', () => {
    const inventory = samplePlatform();
    const given = { scenario: sampleScenario(), environment: sampleEnvironment(), inventory, before: inventory, faults: [], hit: [], identity: { accountId: '123456789012', region: 'eu-west-1', etcdClusterId: 'cafe', clusterUid: undefined } };
    const refusals = refusalsFor({ ...given, traffic: [demand('payments:80')] });
    assert.ok(refusals.some((line) => /gives none away/.test(line)), refusals.join('\n'));
    assert.ok(!refusalsFor(given).some((line) => /gives none away/.test(line)));
  });
});

const drill = (probe: string, more = ''): string => `name: pay
title: Pay
why: to see
probes: { pay: ${probe} }
baseline: { for: 3s }
faults: [ { id: zone, kind: instance-terminate, select: { zone: eu-west-1a } } ]
slos: [ { name: s, probe: pay, availability: 99.9%, during: recovery } ]
recovery: { timeout: 1m, stableFor: 3s }
${more}`;
const load = (probe: string, more?: string) => loadScenario(drill(probe, more), { file: 'pay.yaml', vocabulary: kinds });

describe('a drill that sends requests', () => {
  it('says whom it asks and how often: hosts with their ports, proxies, and loads by their endpoints', () => {
    const scenario = load('{ kind: http, url: https://pay.example.com/x, rate: 30/m, every: 2s }', `load:
  shop:
    rate: 200/s
    ramp: 10s
    endpoints:
      read: { url: http://shop/items, weight: 9 }
      buy: { url: http://shop/orders, method: POST, body: '{}', proxy: 10.0.0.1:4140 }
`);
    assert.deepEqual(demandsOf(scenario, kinds), [
      { who: 'probe pay', hosts: ['pay.example.com:443'], perSecond: 0.5 },
      { who: 'load shop', hosts: ['shop:80', '10.0.0.1:4140'], perSecond: 200 },
    ]);
  });

  const shadowed = (shadow: string): string => `load:
  shop:
    rate: 200/s
    endpoints:
      read: { url: http://shop/items?page=1, weight: 9 }
      near: { url: http://shop/items, weight: 10, proxy: 10.0.0.1:4140 }
      buy: { url: http://shop/orders, method: POST, body: '{}' }
    shadow: ${shadow}
`;
  const pay = '{ kind: http, url: http://pay/, rate: 1/s, every: 1s }';

  it('counts the copies for a shadow as requests of their own, to a host that has to be listed', () => {
    const [, demand] = demandsOf(load(pay, shadowed('{ to: http://shop-next:8080/v2, of: [read, near] }')), kinds);
    assert.deepEqual(demand, { who: 'load shop', hosts: ['shop:80', '10.0.0.1:4140', 'shop-next:8080'], perSecond: 390 });
    const refusals = trafficRefusals([demand], environmentSchema.parse({ name: 'e', traffic: { ...traffic, hosts: ['shop', '10.0.0.1'] } }), 60_000);
    assert.match(refusals.join('\n'), /^load shop would send requests to shop-next:8080, which is not among .*\nload shop would send 390\/s together, and traffic\.maxRate .*100\/s/);
  });

  for (const { shadow, says } of [
    { shadow: '{ to: http://shop-next, of: [read, buy] }', says: /load\.shop\.shadow\.of\[1\] is "buy"; it sends POST, which may change something: give endpoints that send GET/ },
    { shadow: '{ to: http://shop-next, of: [raed] }', says: /load\.shop\.shadow\.of\[0\] is "raed"; give the name of an endpoint: read, near, buy/ },
    { shadow: '{ to: http://shop-next, of: [] }', says: /load\.shop\.shadow\.of is .*; give at least 1/ },
    { shadow: '{ to: https://shop-next, of: [near] }', says: /load\.shop\.shadow\.of\[0\] is "near"; it goes through a proxy, and https does not/ },
    { shadow: '{ to: "http://shop-next/?a=1", of: [read] }', says: /load\.shop\.shadow\.to is .*; give it without \? and #/ },
    { shadow: '{ to: "http://me:secret@shop-next", of: [read] }', says: /give it without a user and a password/ },
    { shadow: '{ to: http://shop-next, of: [read], normalise: ["("] }', says: /load\.shop\.shadow\.normalise\[0\] is "\("; give a regular expression/ },
  ]) {
    it(`is told what is wrong with shadow: ${shadow}`, () => {
      assert.throws(() => load(pay, shadowed(shadow)), (error: Error) => says.test(error.message) || assert.fail(error.message));
    });
  }

  for (const { probe, says } of [
    { probe: '{ kind: http }', says: /pay\.yaml:4:\d+ probes\.pay\.url is missing; give an address such as/ },
    { probe: '{ kind: http, url: ftp://x/ }', says: /probes\.pay\.url is "ftp:\/\/x\/"; give an address such as/ },
    { probe: '{ kind: http, url: "http://me:secret@x/" }', says: /give it without a user and a password/ },
    { probe: '{ kind: http, url: http://x/, rate: 50 }', says: /probes\.pay\.rate is 50; give a rate with its unit, such as 50\/s/ },
    { probe: '{ kind: http, url: http://x/, expect: { status: 20 } }', says: /probes.pay.expect.status is 20; give at least 200/ },
    { probe: '{ kind: http, url: http://x/, expect: { bodyMatches: "(" } }', says: /give a regular expression/ },
    { probe: '{ kind: http, url: http://x/, proxy: nowhere }', says: /give a host and a port/ },
  ]) {
    it(`is told what is wrong with ${probe}`, () => {
      assert.throws(() => load(probe), (error: Error) => says.test(error.message) || assert.fail(error.message));
    });
  }

  it('is warned when a probe stands in what is to be hit', () => {
    const target = { kind: 'instance' as const, name: 'w-1', id: 'i-1', zone: 'eu-west-1a', roles: [], group: undefined, etcdMember: undefined, node: 'node-1' };
    const faults = [{ id: 'f', kind: 'x', when: '0s', targets: [target], says: '', undo: null, objections: [] }];
    const warnings = (from: string): string[] => vantageWarnings(load(`{ kind: http, url: http://x/, ${from} }`), { faults, zones: { 'probe pay': 'eu-west-1a' } });
    assert.deepEqual(warnings('from: outside'), []);
    assert.deepEqual(warnings('from: { zone: eu-west-1b }'), []);
    assert.match(warnings('from: { zone: eu-west-1a }').join(), /^probe pay stands in zone eu-west-1a, where w-1 is to be hit/);
    assert.match(warnings('from: { node: node-1 }').join(), /^probe pay stands on node node-1/);
    assert.match(warnings('via: node-local, select: { zone: any }').join(), /^probe pay stands in zone eu-west-1a/);
    assert.match(warnings('via: node-local, select: { names: [node-1] }').join(), /^probe pay stands on node node-1/);
  });
});
