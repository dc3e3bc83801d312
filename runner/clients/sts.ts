import { awsConfig, calling, hookInto, type AwsEnvironment, type AwsHooks } from './aws.ts';

export interface StsClient {
  /** The twelve digits of the account that the credentials belong to. */
  accountId(signal?: AbortSignal): Promise<string>;
  close(): void;
}

/** Loads the SDK: only when the account is asked for. */
export async function connectSts(aws: AwsEnvironment, hooks: AwsHooks): Promise<StsClient> {
  const sdk = await import('@aws-sdk/client-sts');
  const client = new sdk.STSClient(awsConfig(aws, hooks));
  hookInto(client, hooks, 'sts');
  return {
    async accountId(signal) {
      const command = new sdk.GetCallerIdentityCommand({});
      const { Account } = await calling(aws, 'GetCallerIdentity', signal, client.send(command, { abortSignal: signal }));
      return Account ?? '';
    },
    close: () => client.destroy(),
  };
}
