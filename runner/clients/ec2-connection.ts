import type { EC2Client, ResourceType } from '@aws-sdk/client-ec2';

export type Tags = Readonly<Record<string, string>>;
/** By EC2's names of filters: values of one filter are alternatives, filters add up. */
export type FilterMap = Readonly<Record<string, readonly string[]>>;

/** What the groups of EC2 calls have in common. */
export interface Ec2Connection {
  readonly sdk: typeof import('@aws-sdk/client-ec2');
  readonly client: EC2Client;
  /**
   * Makes a call and names what went wrong.
   *
   * @throws ExpectedError for what the user can mend; the signal's reason; other errors of the service as they come
   */
  call<T>(action: string, signal: AbortSignal | undefined, work: (options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T>;
}

export function filtersOf(filters: FilterMap): { Filters?: { Name: string; Values: string[] }[] } {
  const all = Object.entries(filters).map(([Name, values]) => ({ Name, Values: [...values] }));
  return all.length === 0 ? {} : { Filters: all };
}

export function tagsOf(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function tagSpecification(type: ResourceType, tags: Tags): { ResourceType: ResourceType; Tags: { Key: string; Value: string }[] }[] {
  return [{ ResourceType: type, Tags: tagList(tags) }];
}
