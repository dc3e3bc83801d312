import { decodeProtobuf } from '../../lab/kubernetes/api/protobuf/decode.ts';
import { postedMessages, readMessages } from '../../lab/kubernetes/api/protobuf/messages.ts';

type Json = ReturnType<JSON['parse']>;

// The lab's server reads protobuf and answers in JSON. What the real one answered in protobuf is read here, to be compared with that.

const messages = readMessages({
  ...postedMessages,
  ListMeta: '1 selfLink string; 2 resourceVersion string; 3 continue string; 4 remainingItemCount *int',
  Status: '1 metadata ListMeta; 2 status string; 3 message string; 4 reason string; 5 details *StatusDetails; 6 code int',
  StatusDetails: '1 name string; 2 group string; 3 kind string; 4 causes []StatusCause; 5 retryAfterSeconds int; 6 uid string',
  StatusCause: '1 reason string; 2 message string; 3 field string',

  EventList: '1 metadata ListMeta; 2 items []Event',
  Event:
    '1 metadata ObjectMeta; 2 involvedObject ObjectReference; 3 reason string; 4 message string; 5 source EventSource; ' +
    '6 firstTimestamp time; 7 lastTimestamp time; 8 count int; 9 type string; 10 eventTime time; 12 action string; ' +
    '14 reportingComponent string; 15 reportingInstance string',
  EventSource: '1 component string; 2 host string',
  Lease: '1 metadata ObjectMeta; 2 spec LeaseSpec',
  LeaseSpec: '1 holderIdentity *string; 2 leaseDurationSeconds *int; 3 acquireTime *time; 4 renewTime *time; 5 leaseTransitions *int',
  EndpointSliceList: '1 metadata ListMeta; 2 items []EndpointSlice',
  EndpointSlice: '1 metadata ObjectMeta; 2 endpoints []Endpoint; 3 ports []EndpointPort; 4 addressType string',
  Endpoint: '1 addresses []string; 2 conditions EndpointConditions; 3 hostname *string; 4 targetRef *ObjectReference; 6 nodeName *string; 7 zone *string',
  EndpointConditions: '1 ready *bool; 2 serving *bool; 3 terminating *bool',
  EndpointPort: '1 name *string; 2 protocol *string; 3 port *int; 4 appProtocol *string',

  Namespace: '1 metadata ObjectMeta; 2 spec NamespaceSpec; 3 status NamespaceStatus',
  NamespaceStatus: '1 phase string',
  SelfSubjectAccessReview: '1 metadata ObjectMeta; 2 spec SelfSubjectAccessReviewSpec; 3 status SubjectAccessReviewStatus',
  SubjectAccessReviewStatus: '1 allowed bool; 2 reason string; 3 evaluationError string; 4 denied bool',
  SelfSubjectRulesReview: '1 metadata ObjectMeta; 2 spec SelfSubjectRulesReviewSpec; 3 status SubjectRulesReviewStatus',
  SubjectRulesReviewStatus: '1 resourceRules []ResourceRule; 2 nonResourceRules []NonResourceRule; 3 incomplete bool; 4 evaluationError string',
  ResourceRule: '1 verbs []string; 2 apiGroups []string; 3 resources []string; 4 resourceNames []string',
  NonResourceRule: '1 verbs []string; 2 nonResourceURLs []string',
  SelfSubjectReview: '1 metadata ObjectMeta; 2 status SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1 userInfo UserInfo',
  UserInfo: '1 username string; 2 uid string; 3 groups []string',
});

const finerTimes = new Set(['acquireTime', 'renewTime', 'eventTime']);

/** A recorded answer in protobuf as the object that it is. @throws StatusError for a field that isn't known */
export function readProtobufAnswer(base64: string): Json {
  const text = JSON.stringify(decodeProtobuf(Buffer.from(base64, 'base64'), messages));
  // Of a finer time only the seconds are read.
  return JSON.parse(text, (key, value: Json) => (finerTimes.has(key) ? value.replace(/Z$/, '.000000Z') : value));
}

/** What is left of an object when all is dropped that protobuf can't tell from absence. */
export function withoutZeros(value: Json): Json {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutZeros);
  if (typeof value !== 'object' || value === null) return value || undefined;
  const entries = Object.entries(value).flatMap(([key, field]) => {
    const kept = withoutZeros(field);
    return kept === undefined || key === 'managedFields' ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
