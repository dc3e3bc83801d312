/** The program of the image `lab/linkerd`. It is one pod on each node, and asks the API with its service account. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createClient } from '../../kubernetes/client/index.ts';
import { endOnSignal } from '../end-on-signal.ts';
import { usualFailureAccrual } from './failure-accrual.ts';
import { ParseError, startLinkerd, type Linkerd } from './linkerd.ts';
import { usualRetryBudget } from './retry-budget.ts';

const { values } = parseArgs({
  options: {
    /** Where services are that are named without a namespace. */
    namespace: { type: 'string', default: 'default' },
    /** How long a dead endpoint is left alone, at first and at the longest. */
    'backoff-min-ms': { type: 'string', default: String(usualFailureAccrual.backOff.minMs) },
    'backoff-max-ms': { type: 'string', default: String(usualFailureAccrual.backOff.maxMs) },
    'total-timeout-ms': { type: 'string', default: '10000' },
    /** How long one endpoint has to begin its answer; as long as the request has, when left out. */
    'attempt-timeout-ms': { type: 'string', default: '0' },
    /** Loads the program and ends. */
    check: { type: 'boolean', default: false },
  },
});
if (values.check) process.exit(0);

const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const read = (file: string): string => readFileSync(`${account}/${file}`, 'utf8').trim();
const log = (line: string): void => void process.stdout.write(`linkerd: ${line}\n`);
const { KUBERNETES_SERVICE_HOST: apiHost = 'kubernetes.default.svc', KUBERNETES_SERVICE_PORT: apiPort = '443' } = process.env;

/** What is under way has this long when the pod is told to end. */
const drainMs = 2_000;

const start = (): Promise<Linkerd> =>
  startLinkerd({
    client: createClient({ server: `https://${apiHost}:${apiPort}`, token: read('token'), ca: read('ca.crt'), userAgent: 'linkerd' }),
    ownNamespace: read('namespace'),
    podName: process.env['POD_NAME'],
    namespace: values.namespace,
    host: '0.0.0.0',
    proxyPort: 4140,
    adminPort: 9990,
    budget: usualRetryBudget,
    accrual: { ...usualFailureAccrual, backOff: { minMs: Number(values['backoff-min-ms']), maxMs: Number(values['backoff-max-ms']) } },
    totalTimeoutMs: Number(values['total-timeout-ms']),
    connectTimeoutMs: 1_000,
    attemptTimeoutMs: Number(values['attempt-timeout-ms']),
    mostIdle: 64,
    idleMs: 30_000,
    log,
  });

let running: Linkerd | undefined;
endOnSignal(() => running?.close(drainMs) ?? Promise.resolve(), log);

try {
  running = await start();
} catch (error) {
  if (!(error instanceof ParseError)) throw error;
  process.stderr.write(`linkerd: ${error.message}\n`);
  process.exit(1);
}
