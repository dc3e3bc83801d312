import { awsConfig, calling, hookInto, type AwsEnvironment, type AwsHooks } from './aws.ts';

export interface CloudTrailClient {
  /**
   * The request ids of the calls of one action that CloudTrail has delivered so far.
   *
   * @param action such as `TerminateInstances`
   * @param fromMs UTC, as `toMs`
   */
  requestIds(action: string, window: { readonly fromMs: number; readonly toMs: number }, signal?: AbortSignal): Promise<ReadonlySet<string>>;
  close(): void;
}

/** The service's own limit. */
const pageSize = 50;

/** Loads the SDK: only when CloudTrail is asked. */
export async function connectCloudTrail(aws: AwsEnvironment, hooks: AwsHooks): Promise<CloudTrailClient> {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const client = new sdk.CloudTrailClient(awsConfig(aws, hooks));
  hookInto(client, hooks, 'cloudtrail');
  return {
    requestIds(action, { fromMs, toMs }, signal) {
      const collect = async (): Promise<ReadonlySet<string>> => {
        const found = new Set<string>();
        const input = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: action }], StartTime: new Date(fromMs), EndTime: new Date(toMs) };
        for await (const { Events = [] } of sdk.paginateLookupEvents({ client, pageSize }, input, { abortSignal: signal })) {
          for (const { CloudTrailEvent } of Events) {
            const { requestID } = JSON.parse(CloudTrailEvent ?? '{}') as { requestID?: string };
            if (requestID !== undefined) found.add(requestID);
          }
        }
        return found;
      };
      return calling(aws, 'LookupEvents', signal, collect());
    },
    close: () => client.destroy(),
  };
}
