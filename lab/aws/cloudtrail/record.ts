import { randomUUID } from 'node:crypto';
import type { Caller, Cloud } from '../cloud.ts';
import type { Params, ParamTree } from '../protocol/params.ts';
import type { Protocol } from '../protocol/errors.ts';
import type { Xml, XmlObject } from '../protocol/xml.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** A record as CloudTrail delivers it to buckets, and as `LookupEvents` has it in `CloudTrailEvent`. */
export interface TrailRecord {
  readonly eventVersion: string;
  readonly userIdentity: {
    readonly type: 'IAMUser';
    readonly principalId: string;
    readonly arn: string;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly userName: string;
  };
  /** Whole seconds, as all times of CloudTrail. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly requestParameters: JsonObject | null;
  /** Null for calls that only read. */
  readonly responseElements: JsonObject | null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: true;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management';
}

/** One call that was answered. */
export interface Answered {
  readonly at: Date;
  readonly service: string;
  readonly protocol: Protocol | 'json';
  readonly action: string;
  readonly caller: Caller;
  readonly sourceAddress: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** Of a form; JSON bodies have none. */
  readonly params: Params | undefined;
  readonly result: XmlObject | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export const isReadOnly = (action: string): boolean => /^(Describe|Get|List|Lookup)/.test(action);

export function recordOf({ region, accountId }: Cloud, call: Answered): TrailRecord {
  const { service, protocol, action, caller, error, params, result } = call;
  const readOnly = isReadOnly(action);
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', principalId: caller.userId, arn: caller.arn, accountId, accessKeyId: caller.userId, userName: caller.userId },
    eventTime: call.at.toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource: `${service}.amazonaws.com`,
    eventName: action,
    awsRegion: region,
    sourceIPAddress: call.sourceAddress,
    userAgent: call.userAgent,
    ...(error && { errorCode: errorCode(protocol, error.code), errorMessage: error.message }),
    requestParameters: params ? requestParameters(protocol, params.tree()) : null,
    responseElements: readOnly || error || !result ? null : responseElements(protocol, result, call.requestId),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
  };
}

const faultsOfTheService = new Set(['InternalError', 'InsufficientInstanceCapacity', 'Unavailable', 'ServiceUnavailable']);

/** EC2's errors say in CloudTrail whose fault they are. */
function errorCode(protocol: Answered['protocol'], code: string): string {
  if (protocol !== 'ec2') return code;
  return `${faultsOfTheService.has(code) ? 'Server' : 'Client'}.${code}`;
}

const lowerFirst = (text: string): string => text.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase());

/** What every call has, and CloudTrail tells elsewhere or not at all. */
const apart = /^(Action|Version|AWSAccessKeyId|Signature\w*|Timestamp|X-Amz-.*)$/;
/** May hold secrets: CloudTrail says only that they were there. */
const sensitive = new Set(['UserData']);

function requestParameters(protocol: Answered['protocol'], tree: ParamTree): JsonObject | null {
  const known = Object.entries(tree).filter(([name]) => !apart.test(name));
  if (known.length === 0) return null;
  return Object.fromEntries(known.map(([name, value]) => parameter(protocol, name, value)));
}

function parameter(protocol: Answered['protocol'], name: string, value: string | ParamTree): [string, Json] {
  if (typeof value === 'string') return [lowerFirst(name), sensitive.has(name) ? '<sensitiveDataRemoved>' : scalar(name, value)];
  const entries = Object.entries(value);
  if (!entries.every(([key]) => /^\d+$/.test(key))) {
    return [lowerFirst(name), Object.fromEntries(entries.map(([key, child]) => parameter(protocol, key, child)))];
  }
  const items = entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, item]) => item);
  if (protocol !== 'ec2') return [lowerFirst(name), items.map((item) => parameter(protocol, name, item)[1])];
  const [list, one] = ec2Lists[name] ?? [`${lowerFirst(name)}Set`, name === 'Value' ? 'value' : lowerFirst(name)];
  return [list, { items: items.map((item) => (typeof item === 'string' ? { [one]: scalar(one, item) } : parameter(protocol, name, item)[1])) }];
}

/** What EC2's lists are called in its records, and a plain value in them. */
const ec2Lists: Readonly<Record<string, readonly [list: string, one: string]>> = {
  InstanceId: ['instancesSet', 'instanceId'],
  ResourceId: ['resourcesSet', 'resourceId'],
  SecurityGroupId: ['groupSet', 'groupId'],
  GroupId: ['groupSet', 'groupId'],
  IpPermissions: ['ipPermissions', 'item'],
  IpRanges: ['ipRanges', 'item'],
};

/** The form says nothing of types; keys and values of tags are texts, whatever they look like. */
function scalar(name: string, text: string): Json {
  if (/^(key|value)$/i.test(name)) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function responseElements(protocol: Answered['protocol'], result: XmlObject, requestId: string): JsonObject | null {
  const elements = plain(protocol, result) as JsonObject;
  if (protocol === 'ec2') return { requestId, ...elements };
  return Object.keys(elements).length === 0 ? null : elements;
}

function plain(protocol: Answered['protocol'], value: Xml): Json {
  if (value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'object') return value;
  if (isList(value)) {
    const items = value.map((item) => plain(protocol, item));
    if (protocol !== 'ec2') return items;
    return items.length === 0 ? {} : { items };
  }
  return Object.fromEntries(Object.entries(value).flatMap(([name, child]) => (child === undefined ? [] : [[lowerFirst(name), plain(protocol, child)]])));
}

function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value);
}
