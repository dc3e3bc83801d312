import type { Cloud } from './cloud.ts';
import { AwsError } from './protocol/errors.ts';
import type { Service } from './services.ts';

const slowestMs = 3_000;
const quickestMs = 1_000;

/** The bad weather of an API: what happens to a call before it is looked at. Each lab has the same one, call by call. */
export interface Weather {
  /** Whether the API can't be reached at all now. */
  isDown(): boolean;
  /** Holds a call up, or refuses it for being one too many. Throws EC2's or the other services' word for that. */
  hit(service: Service): Promise<void>;
  /** What is sent in place of an answer: the same, or some of what stands between a caller and an API may say. */
  spoil(answer: RawAnswer): RawAnswer;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

export function createWeather(cloud: Cloud): Weather {
  const chance = createChance();
  return {
    isDown: () => cloud.sabotage.isOn('api-down'),
    async hit(service) {
      if (cloud.sabotage.isOn('api-slow')) {
        await cloud.timers.delay(quickestMs + chance() * (slowestMs - quickestMs));
      }
      if (cloud.sabotage.isOn('api-throttled') && chance() * 100 < cloud.sabotage.amount('api-throttled')) {
        throw tooMany(service);
      }
    },
    spoil(answer) {
      if (!cloud.sabotage.isOn('api-wrong') || chance() * 100 >= cloud.sabotage.amount('api-wrong')) return answer;
      return spoilt[Math.floor(chance() * spoilt.length)]!(answer);
    },
  };
}

const page = '<html><head><title>Maintenance</title></head><body>Back soon</body></html>';

const spoilt: readonly ((answer: RawAnswer) => RawAnswer)[] = [
  () => ({ status: 200, body: page }),
  () => ({ status: 200, body: '' }),
  ({ status, body }) => ({ status, body: body.slice(0, body.length / 2) }),
  () => ({ status: 502, body: page }),
  () => ({ status: 200, body: '<DescribeNothingResponse></DescribeNothingResponse>' }),
];

function tooMany({ protocol }: Service): AwsError {
  return protocol === 'ec2'
    ? new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503)
    : new AwsError('Throttling', 'Rate exceeded', 400);
}

/** Numbers from 0 up to 1 that look like chance and are the same each time: Park and Miller's generator. */
function createChance(): () => number {
  let last = 20_171_027;
  return () => {
    last = (last * 48_271) % 2_147_483_647;
    return last / 2_147_483_647;
  };
}
