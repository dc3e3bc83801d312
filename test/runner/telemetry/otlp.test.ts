import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportTelemetry } from '../../../cli/telemetry.ts';
import { judge } from '../../../runner/judge.ts';
import type { JudgedRun } from '../../../runner/verdict.ts';
import { JournalBuilder, answers, drill, instance } from '../journal-builder.ts';
import { sampleEnvironment } from '../sample-platform.ts';
import { metricsIn, plain, spansIn, type SeenSpan } from './otlp-definitions.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A receiver of OTLP over HTTP. */
class Receiver {
  readonly received: Received[] = [];
  status = 200;
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.received.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(this.status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  body(path: string): Buffer {
    return this.received.find((one) => one.path === path)!.body;
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A fault that is undone by a call, and writes that are away for 400 ms. */
function sampleRun(verified = true): JudgedRun {
  const spec = drill({ slos: [{ name: 'writes are back', probe: 'writes', longestOutage: '100ms' }] });
  const builder = new JournalBuilder(spec)
    .observe('writes', [...answers(-5_000, 0), ...answers(0, 400, 'b'), ...answers(400, 8_000)])
    .fault(0, 'zone', [instance(3)], { subnet: 's' })
    .add(5_050, 'change', { service: 'ec2', action: 'ReplaceNetworkAclAssociation', target: 's', requestId: 'r', outcome: 'done', from: 11_000, fault: 'zone', during: 'undo' })
    .add(5_100, 'fault.undone', { fault: 'zone', verified, said: 'put back' });
  return judge(builder.end(6_000, 8_000).entries);
}

const originMs = Date.UTC(2026, 10, 23, 10, 21, 33, 0) + 6_000;
const nanos = (atMs: number): string => `${BigInt(originMs + atMs) * 1_000_000n}`;

describe('a run as OpenTelemetry sees it', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = new Receiver();
    await receiver.listen();
  });
  afterEach(() => receiver.close());
  const inFile = (headers: object = {}) => sampleEnvironment({ opentelemetry: { endpoint: receiver.url, headers } });

  it('is a trace: the run, in it phases and faults, in these their undo, with the times of the journal', async () => {
    assert.equal(await exportTelemetry(inFile({ 'x-token': 'a-token-of-ours' }), sampleRun(), {}), 'delivered');
    const { resource, spans } = spansIn(receiver.body('/v1/traces'));
    assert.equal(resource['service.name'], 'firedrill');
    assert.equal(receiver.received[0]!.headers['content-type'], 'application/x-protobuf');
    assert.equal(receiver.received[0]!.headers['x-token'], 'a-token-of-ours');
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
    const parentOf = ({ parentSpanId }: SeenSpan): string | undefined => spans.find(({ spanId }) => spanId === parentSpanId)?.name;
    const root = 'drill etcd-zone-plus-one';
    assert.deepEqual(
      Object.fromEntries(spans.map((span) => [span.name, [parentOf(span), span.startTimeUnixNano, span.endTimeUnixNano]])),
      {
        [root]: [undefined, nanos(-6_000), nanos(8_005)],
        'fault zone': [root, nanos(0), nanos(5_100)],
        'phase baseline': [root, nanos(-5_900), nanos(-10)],
        'phase done': [root, nanos(8_000), nanos(8_005)],
        'phase inject': [root, nanos(-10), nanos(6_000)],
        'phase recover': [root, nanos(6_000), nanos(8_000)],
        'undo zone': ['fault zone', nanos(5_000), nanos(5_100)],
      },
    );
    const fault = spans.find(({ name }) => name === 'fault zone')!;
    assert.deepEqual(plain(fault.attributes)['firedrill.targets'], ['peer-3']);
    assert.deepEqual(fault.events?.map(({ name, timeUnixNano }) => [name, timeUnixNano]), [['injected', nanos(8)]]);
  });

  it('has its verdicts as events at its end, and fails where one is broken', async () => {
    await exportTelemetry(inFile(), sampleRun(), {});
    const run = spansIn(receiver.body('/v1/traces')).spans.find(({ parentSpanId }) => !parentSpanId)!;
    assert.equal(run.status?.code, 2);
    assert.deepEqual(run.events!.map(({ name, timeUnixNano, attributes }) => [name, timeUnixNano, plain(attributes)['firedrill.slo'], plain(attributes)['firedrill.verdict']]), [['slo', nanos(8_005), 'writes are back', 'broken']]);
    assert.equal(plain(run.attributes)['firedrill.exit_code'], 1);
  });

  it('tells by a failed span of what could not be undone', async () => {
    await exportTelemetry(inFile(), sampleRun(false), {});
    const { spans } = spansIn(receiver.body('/v1/traces'));
    assert.deepEqual(spans.filter(({ status }) => status?.code === 2).map(({ name }) => name).sort(), ['drill etcd-zone-plus-one', 'fault zone', 'undo zone']);
  });

  it('has what its probes saw as metrics', async () => {
    await exportTelemetry(inFile(), sampleRun(), {});
    const metrics = metricsIn(receiver.body('/v1/metrics'));
    const { sum } = metrics.find(({ name }) => name === 'firedrill.probe.answers')!;
    assert.ok(sum?.isMonotonic);
    const counts = Object.fromEntries(sum.dataPoints.filter(({ attributes }) => plain(attributes)['firedrill.probe'] === 'writes').map(({ asDouble, asInt, attributes }) => [plain(attributes)['firedrill.value'], asDouble ?? Number(asInt)]));
    assert.deepEqual(counts, { good: 630, bad: 20, unknown: 0 });
    const longest = metrics.find(({ name }) => name === 'firedrill.probe.outage')!.gauge!.dataPoints.find(({ attributes }) => plain(attributes)['firedrill.of'] === 'longest')!;
    assert.ok(longest.asDouble! > 0.39 && longest.asDouble! < 0.45, `${longest.asDouble} s`);
    const verdicts = metrics.find(({ name }) => name === 'firedrill.slo.verdict')!;
    assert.equal(plain(verdicts.gauge!.dataPoints[0]!.attributes)['firedrill.verdict'], 'broken');
  });

  it('goes where the standard variable says when the environment file says nothing', async () => {
    const name = 'OTEL_EXPORTER_OTLP_ENDPOINT';
    process.env[name] = receiver.url;
    try {
      assert.equal(await exportTelemetry(sampleEnvironment(), sampleRun(), process.env), 'delivered');
      assert.deepEqual(receiver.received.map(({ path }) => path).sort(), ['/v1/metrics', '/v1/traces']);
      assert.equal(await exportTelemetry(sampleEnvironment(), sampleRun(), { ...process.env, OTEL_SDK_DISABLED: 'true' }), undefined);
    } finally {
      delete process.env[name];
    }
  });

  it('that is not taken is told, and nothing else', async () => {
    receiver.status = 400;
    assert.match((await exportTelemetry(inFile(), sampleRun(), {}))!, /\S/);
    assert.notEqual(await exportTelemetry(inFile(), sampleRun(), {}), 'delivered');
    assert.equal(await exportTelemetry(sampleEnvironment(), sampleRun(), {}), undefined);
  });
});
