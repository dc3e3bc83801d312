export interface StsClient {
  /** The twelve digits of the account that the credentials belong to. */
  accountId(signal?: AbortSignal): Promise<string>;
}
