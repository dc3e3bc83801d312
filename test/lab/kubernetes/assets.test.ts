import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { controlPlaneFiles, filePaths } from '../../../lab/kubernetes/assets/files.ts';
import { apiServerFlags, controllerManagerFlags, schedulerFlags } from '../../../lab/kubernetes/assets/flags.ts';
import { failureIn } from '../../../lab/kubernetes/assets/keep-running.ts';
import { makeSecrets } from '../../../lab/kubernetes/make-secrets.ts';
import type { ClusterSecrets } from '../../../lab/kubernetes/secrets.ts';
import { kubernetesMasterUserData } from '../../../lab/roles/kubernetes-machine.ts';
import { profiles } from '../../../lab/aws/index.ts';

const facts = {
  minor: 29,
  etcd: ['http://peer-1.example:2379', 'http://peer-2.example:2379'],
  address: '10.200.1.30',
  port: 6443,
  serviceCidr: '172.20.0.0/16',
  defaultTolerationSeconds: 3,
};
const apiServer = apiServerFlags(facts);
const election = { leaseMs: 4_000, renewDeadlineMs: 3_000, retryMs: 1_000 };
const controllerManager = controllerManagerFlags({ monitorGraceMs: 4_000, monitorPeriodMs: 500, evictionSpacingMs: 10_000, election });

describe('the flags of a Kubernetes that was given', () => {
  it('tell the API server where etcd, its address, its keys and its users are', () => {
    assert.deepEqual(apiServer, [
      '--etcd-servers=http://peer-1.example:2379,http://peer-2.example:2379',
      '--advertise-address=10.200.1.30',
      '--bind-address=0.0.0.0',
      '--secure-port=6443',
      '--tls-cert-file=/run/kubernetes/kube-apiserver.pem',
      '--tls-private-key-file=/run/kubernetes/kube-apiserver-key.pem',
      '--client-ca-file=/run/kubernetes/ca.pem',
      '--token-auth-file=/run/kubernetes/tokens.csv',
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-account-key-file=/run/kubernetes/service-accounts.pem',
      '--service-account-signing-key-file=/run/kubernetes/service-accounts-key.pem',
      '--service-cluster-ip-range=172.20.0.0/16',
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
      '--default-not-ready-toleration-seconds=3',
      '--default-unreachable-toleration-seconds=3',
    ]);
  });

  it('leave the WebSocket of an exec as it is where the API server would make SPDY of it', () => {
    const gate = '--feature-gates=TranslateStreamCloseWebsocketRequests=false';
    const withGate = [26, 29, 30, 34, 35, 36].filter((minor) => apiServerFlags({ ...facts, minor }).includes(gate));
    assert.deepEqual(withGate, [30, 34, 35]);
    assert.ok(![26, 29, 36].some((minor) => apiServerFlags({ ...facts, minor }).some((flag) => flag.startsWith('--feature-gates'))));
  });

  it('give controllers and scheduler their kubeconfigs and the clocks of the lab', () => {
    const client = (name: string): string[] => [
      ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=/run/kubernetes/${name}.kubeconfig`),
      '--bind-address=127.0.0.1',
      '--leader-elect=true',
      '--leader-elect-lease-duration=4000ms',
      '--leader-elect-renew-deadline=3000ms',
      '--leader-elect-retry-period=1000ms',
    ];
    assert.deepEqual(schedulerFlags(election), client('kube-scheduler'));
    assert.deepEqual(controllerManager, [
      ...client('kube-controller-manager'),
      '--service-account-private-key-file=/run/kubernetes/service-accounts-key.pem',
      '--root-ca-file=/run/kubernetes/ca.pem',
      '--node-monitor-grace-period=4000ms',
      '--node-monitor-period=500ms',
      '--node-eviction-rate=0.1',
    ]);
  });
});

describe('the files of a Kubernetes that was given', () => {
  const server = 'https://127.0.0.1:6443';
  let secrets: ClusterSecrets;
  let files: ReturnType<typeof controlPlaneFiles>;
  before(async () => {
    secrets = await makeSecrets();
    files = controlPlaneFiles(secrets, server);
  });

  it('are all that a flag names, and no flag names another', () => {
    const named = [...apiServer, ...controllerManager, ...schedulerFlags(election)].flatMap((flag) => /=(\/.*)$/.exec(flag)?.[1] ?? []);
    assert.deepEqual([...new Set(named)].sort(), Object.values(filePaths).sort());
    assert.deepEqual(Object.keys(files), Object.keys(filePaths));
  });

  it('have a token for each of the lab\'s parts, and administrators in the group that may do everything', () => {
    const lines = files.tokens.trimEnd().split('\n');
    assert.ok(lines.every((line) => /^[0-9a-f]{48},[^,]+,[^,]+,"[^"]+"$/.test(line)), files.tokens);
    assert.ok(lines.includes(`${secrets.tokens.admin},lab-admin,admin,"system:masters"`), files.tokens);
    assert.ok(lines.includes(`${secrets.tokens.kubelet},system:node:worker,kubelet,"system:nodes,system:masters"`), files.tokens);
  });

  it('have kubeconfigs for the machine\'s own API server that the client of Kubernetes can read', () => {
    for (const [text, user, token] of [
      [files.controllerManager, 'system:kube-controller-manager', secrets.tokens.controllers],
      [files.scheduler, 'system:kube-scheduler', secrets.tokens.scheduler],
    ] as const) {
      const config = new KubeConfig();
      config.loadFromString(text);
      assert.equal(config.getCurrentCluster()?.server, server);
      assert.equal(Buffer.from(config.getCurrentCluster()?.caData ?? '', 'base64').toString(), secrets.ca);
      assert.deepEqual([config.getCurrentUser()?.name, config.getCurrentUser()?.token], [user, token]);
    }
  });

  it('have a certificate for that address by the authority, and one pair of keys for service accounts', () => {
    const certificate = new X509Certificate(files.serverCertificate);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(files.serverKey)));
    assert.ok(certificate.verify(new X509Certificate(files.ca).publicKey));
    assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
    assert.ok(createPublicKey(files.serviceAccountKey).equals(createPublicKey(files.serviceAccountPublicKey)));
  });
});

describe('a master', () => {
  it('runs the Kubernetes that was given, or else the lab\'s own parts', () => {
    assert.match(kubernetesMasterUserData(profiles.aws, { folder: '/opt/kube', version: 'v1.33.1' }), /\/lab\/kubernetes\/control-plane-of-assets\.ts aws v1\.33\.1$/m);
    assert.match(kubernetesMasterUserData(profiles.fast, null), /\/lab\/kubernetes\/control-plane\.ts fast$/m);
  });

  const ended = (program: string, how: string, after = '0.2'): string => `service: ${program} ended with ${how} after ${after} s; again in 1 s\n`;

  it('has no trouble while a program has ended less than three times, whatever others did', () => {
    const console = [ended('kube-scheduler', '1'), ended('kube-apiserver', '1'), ended('kube-scheduler', '1'), ended('control-plane', '1')].join('');
    assert.equal(failureIn(console), undefined);
    assert.equal(failureIn(''), undefined);
  });

  it('has no trouble with a program that each time has run for a while', () => {
    assert.equal(failureIn(ended('kube-scheduler', '1', '15.0').repeat(5)), undefined);
    assert.equal(failureIn(ended('kube-scheduler', '1', '14.9').repeat(3))?.program, 'kube-scheduler');
  });

  it('names the program that ends again and again, how, and what it alone has said', () => {
    const once = (how: string): string => `kube-apiserver: I0101 starting\nkube-scheduler: waits\nkube-apiserver: Error: no\n${ended('kube-apiserver', how)}`;
    assert.deepEqual(failureIn(once('1') + once('1') + once('SIGSEGV')), {
      program: 'kube-apiserver',
      how: 'SIGSEGV',
      lines: ['I0101 starting', 'Error: no', 'I0101 starting', 'Error: no', 'I0101 starting', 'Error: no'],
    });
  });
});
