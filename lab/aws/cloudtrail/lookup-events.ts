import { AwsError } from '../protocol/errors.ts';
import type { TrailRecord } from './record.ts';
import type { Trail } from './trail.ts';

interface Lookup {
  readonly LookupAttributes?: readonly { readonly AttributeKey?: string; readonly AttributeValue?: string }[];
  /** Seconds since 1970. */
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly EventCategory?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const known = ['LookupAttributes', 'StartTime', 'EndTime', 'EventCategory', 'MaxResults', 'NextToken'];
const largestPage = 50;
const secondMs = 1_000;

/** What an event has by the attributes that it can be looked up by; resources are found in its parameters and answer. */
const attributes: Readonly<Record<string, (record: TrailRecord) => readonly string[]>> = {
  EventId: ({ eventID }) => [eventID],
  EventName: ({ eventName }) => [eventName],
  ReadOnly: ({ readOnly }) => [String(readOnly)],
  Username: ({ userIdentity }) => [userIdentity.userName],
  ResourceType: (record) => resourcesOf(record).map(({ ResourceType }) => ResourceType),
  ResourceName: (record) => resourcesOf(record).map(({ ResourceName }) => ResourceName),
  EventSource: ({ eventSource }) => [eventSource],
  AccessKeyId: ({ userIdentity }) => [userIdentity.accessKeyId],
};

/**
 * `LookupEvents`: the delivered management events, newest first, page by page.
 *
 * @throws AwsError as the service would
 */
export function lookupEvents(trail: Trail, body: unknown): object {
  if (typeof body !== 'object' || body === null) throw new AwsError('SerializationException', 'The request is no JSON object');
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new AwsError('InvalidParameterCombinationException', `The parameter ${unknown} is not recognized`);
  const { LookupAttributes = [], StartTime, EndTime, EventCategory, MaxResults = largestPage, NextToken } = body as Lookup;
  if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > largestPage) {
    throw new AwsError('InvalidMaxResultsException', `A max results value of ${MaxResults} is invalid. Specify max results between 1 and ${largestPage}.`);
  }
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    throw new AwsError('InvalidTimeRangeException', 'The start time is after the end time.');
  }
  if (EventCategory !== undefined && EventCategory !== 'insight') throw new AwsError('InvalidEventCategoryException', `${EventCategory} is no event category`);
  if (LookupAttributes.length > 1) throw new AwsError('InvalidLookupAttributesException', 'You can only use one lookup attribute');
  const [attribute] = LookupAttributes;
  const read = attribute && attributes[attribute.AttributeKey ?? ''];
  if (attribute && !read) throw new AwsError('InvalidLookupAttributesException', `Invalid lookup attribute: ${attribute.AttributeKey}`);

  const found = EventCategory === 'insight' ? [] : trail.delivered().filter((record) => {
    const atSeconds = Date.parse(record.eventTime) / secondMs;
    if (StartTime !== undefined && atSeconds < Math.floor(StartTime)) return false;
    if (EndTime !== undefined && atSeconds > EndTime) return false;
    return !read || read(record).includes(attribute.AttributeValue ?? '');
  });
  const from = NextToken === undefined ? 0 : found.findIndex(({ eventID }) => tokenOf(eventID) === NextToken);
  if (from < 0) throw new AwsError('InvalidNextTokenException', 'The token is not valid, or has expired');
  const next = found[from + MaxResults];
  return { Events: found.slice(from, from + MaxResults).map(eventOf), ...(next && { NextToken: tokenOf(next.eventID) }) };
}

const tokenOf = (eventId: string): string => Buffer.from(`from ${eventId}`).toString('base64');

function eventOf(record: TrailRecord): object {
  const { eventID, eventName, readOnly, userIdentity, eventTime, eventSource } = record;
  return {
    EventId: eventID,
    EventName: eventName,
    ReadOnly: String(readOnly),
    AccessKeyId: userIdentity.accessKeyId,
    EventTime: Date.parse(eventTime) / secondMs,
    EventSource: eventSource,
    Username: userIdentity.userName,
    Resources: resourcesOf(record),
    CloudTrailEvent: JSON.stringify(record),
  };
}

const resourceTypes: Readonly<Record<string, string>> = {
  i: 'AWS::EC2::Instance',
  vol: 'AWS::EC2::Volume',
  sg: 'AWS::EC2::SecurityGroup',
  acl: 'AWS::EC2::NetworkAcl',
  eni: 'AWS::EC2::NetworkInterface',
  subnet: 'AWS::EC2::Subnet',
  vpc: 'AWS::EC2::VPC',
};

function resourcesOf({ requestParameters, responseElements }: TrailRecord): { ResourceType: string; ResourceName: string }[] {
  const ids = JSON.stringify([requestParameters, responseElements]).match(/(?<=")(i|vol|sg|acl|eni|subnet|vpc)-[0-9a-f]{8,17}(?=")/g) ?? [];
  return [...new Set(ids)].map((id) => ({ ResourceType: resourceTypes[id.split('-')[0]!]!, ResourceName: id }));
}
