import type { Image } from './image.ts';

/**
 * Stands before the program, as tini does in a real image: the kernel shields the first process of a container from STOP and
 * KILL that come from within.
 */
const script = String.raw`"$@" &
child=$!
trap 'kill -TERM $child' TERM INT
while :; do
  wait $child
  code=$?
  kill -0 $child 2>/dev/null || exit $code
done
`;

const path = '/srv/init';

/** What an image needs for it: its own program comes after the entrypoint. */
export const underInit = { entrypoint: ['sh', path], files: { [path]: script } } as const;

/** What an image under it runs, for where there is no container. */
export const programOf = ({ entrypoint }: Image): readonly string[] => entrypoint.slice(underInit.entrypoint.length);
