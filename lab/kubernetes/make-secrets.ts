import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createClusterCertificates } from './api/tls.ts';
import { apiAddress, apiHost, clusterDomain, users, type ClusterUser } from './names.ts';
import type { ClusterSecrets } from './secrets.ts';

/** By what API servers are called: through the load balancer, on their own machine, and by pods. */
const serverNames = [
  ...[apiHost, `*.${clusterDomain}`, 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  ...[apiAddress, '127.0.0.1', '172.20.0.1'],
];

/** An authority of the cluster's own, a certificate for its servers, and a token for each of its parts. */
export async function makeSecrets(): Promise<ClusterSecrets> {
  const { ca, cert, key } = await createClusterCertificates(serverNames);
  return {
    ca,
    serverCertificate: cert,
    serverKey: key,
    tokens: Object.fromEntries(Object.keys(users).map((user) => [user, randomBytes(24).toString('hex')])) as Record<ClusterUser, string>,
    serviceAccountSecret: randomBytes(32).toString('hex'),
    serviceAccountKeys: generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }),
  };
}
