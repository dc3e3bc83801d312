/** Stands in for kube-apiserver: the lab's own API server, which knows nothing but its flags and the files that they name. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startApiServer, type ApiServerOptions } from '../../../lab/kubernetes/api/index.ts';
import { readFlags } from './flags.ts';

const flags = readFlags([
  'etcd-servers',
  'advertise-address',
  'bind-address',
  'secure-port',
  'tls-cert-file',
  'tls-private-key-file',
  'client-ca-file',
  'token-auth-file',
  'authorization-mode',
  'service-account-issuer',
  'service-account-key-file',
  'service-account-signing-key-file',
  'service-cluster-ip-range',
  'allow-privileged',
  'kubelet-preferred-address-types',
  'default-not-ready-toleration-seconds',
  'default-unreachable-toleration-seconds',
]);
const text = (path: string): string => readFileSync(path, 'utf8');
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** `token,user,uid,"group,…"` */
const users = text(flags['token-auth-file']).trimEnd().split('\n').map((line): ApiServerOptions['users'][number] => {
  const [, token, name, groups] = /^([^,]+),([^,]+),[^,]+,"([^"]*)"$/.exec(line) ?? [];
  if (token === undefined || name === undefined || groups === undefined) throw new TypeError(`not a line of a token file: ${line}`);
  return { token, name, groups: groups.split(',') };
});
const signingKey = createPrivateKey(text(flags['service-account-signing-key-file']));
const publicKey = createPublicKey(text(flags['service-account-key-file']));
if (!createPublicKey(signingKey).equals(publicKey)) throw new TypeError('the two keys of service accounts are not of one pair');
if (flags['authorization-mode'] !== 'RBAC') throw new TypeError(`authorization-mode ${flags['authorization-mode']} is not known here`);

await startApiServer({
  etcd: { endpoints: flags['etcd-servers'].split(',') },
  listen: { host: flags['bind-address'], port: Number(flags['secure-port']) },
  tls: { key: text(flags['tls-private-key-file']), cert: text(flags['tls-cert-file']), ca: text(flags['client-ca-file']) },
  serviceCidr: flags['service-cluster-ip-range'],
  users,
  serviceAccountSecret: text(flags['service-account-signing-key-file']),
  advertise: [flags['advertise-address']],
  timing: { defaultTolerationSeconds: Number(flags['default-not-ready-toleration-seconds']) },
  log: (what, error) => log(`${what}${error === undefined ? '' : `: ${String(error)}`}`),
});
log(`Serving securely on ${flags['bind-address']}:${flags['secure-port']}`);
