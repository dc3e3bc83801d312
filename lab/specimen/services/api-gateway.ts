import { notFound, type Service, type Surroundings } from './service.ts';
import { shifted, shiftsIn } from './shift.ts';

/** What is reached from outside, by the first part of the path. */
const routes = ['accounts', 'cards', 'pots', 'feed', 'payments'];

/** Of a request and of an answer, what concerns more than this hop. */
const passed = { up: ['content-type', 'idempotency-key', 'accept'], down: ['content-type', 'x-served-by', 'x-version', 'idempotent-replayed', 'l5d-err'] };

/** Sends each request to the service of its path; a part of it, as SHIFT says, to a new version. */
export const apiGateway = ({ mesh, env }: Surroundings): Service => {
  const shifts = shiftsIn(env.SHIFT ?? '');
  return async (asked) => {
    const { method, path, segments, headers: context, body } = asked;
    const [route = ''] = segments;
    if (!routes.includes(route)) return notFound(asked);
    const service = shifted(route, shifts, Math.random());
    const answer = await mesh.call(service, { method, path, context, headers: only(passed.up, context), body });
    return { status: answer.status, body: answer.body, headers: only(passed.down, answer.headers) };
  };
};

const only = (names: readonly string[], headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
