import type { Environment } from './environment.ts';

const masked = '***';

/** The environment as it may be written down: secrets are replaced. */
export function maskSecrets(environment: Environment): Environment {
  const { aws, etcd } = environment;
  return {
    ...environment,
    ...(aws && {
      aws: {
        ...aws,
        ...(aws.credentials && {
          credentials: {
            ...aws.credentials,
            secretAccessKey: masked,
            ...(aws.credentials.sessionToken !== undefined && { sessionToken: masked }),
          },
        }),
      },
    }),
    ...(etcd && { etcd: { ...etcd, ...(etcd.password !== undefined && { password: masked }) } }),
  };
}
