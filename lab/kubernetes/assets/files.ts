import { join } from 'node:path';
import { kubeconfigText } from '../kubeconfig.ts';
import { users, type ClusterUser } from '../names.ts';
import type { ClusterSecrets } from '../secrets.ts';

const folder = '/run/kubernetes';

/** Where a master has the files that its programs are told of; its own /run, so they are gone with the machine. */
export const filePaths = {
  ca: join(folder, 'ca.pem'),
  serverCertificate: join(folder, 'kube-apiserver.pem'),
  serverKey: join(folder, 'kube-apiserver-key.pem'),
  tokens: join(folder, 'tokens.csv'),
  serviceAccountKey: join(folder, 'service-accounts-key.pem'),
  serviceAccountPublicKey: join(folder, 'service-accounts.pem'),
  controllerManager: join(folder, 'kube-controller-manager.kubeconfig'),
  scheduler: join(folder, 'kube-scheduler.kubeconfig'),
} as const;

/**
 * The content of each of those files.
 *
 * @param server of the API server of the same machine
 */
export function controlPlaneFiles(secrets: ClusterSecrets, server: string): Record<keyof typeof filePaths, string> {
  const kubeconfig = (user: ClusterUser): string => kubeconfigText({ name: users[user].name, server, ca: secrets.ca, token: secrets.tokens[user] });
  return {
    ca: secrets.ca,
    serverCertificate: secrets.serverCertificate,
    serverKey: secrets.serverKey,
    tokens: tokenFile(secrets.tokens),
    serviceAccountKey: secrets.serviceAccountKeys.privateKey,
    serviceAccountPublicKey: secrets.serviceAccountKeys.publicKey,
    controllerManager: kubeconfig('controllers'),
    scheduler: kubeconfig('scheduler'),
  };
}

/** As `--token-auth-file` takes it: a line a user, with token, name, uid, and all groups in one field. */
function tokenFile(tokens: ClusterSecrets['tokens']): string {
  const lines = (Object.keys(users) as ClusterUser[]).map((user) => {
    const { name, groups } = users[user];
    return `${tokens[user]},${name},${user},"${groups.join(',')}"\n`;
  });
  return lines.join('');
}
