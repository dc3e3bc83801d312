import type { Image } from './image.ts';

/**
 * Does nothing until it is told to end. A shell that reads from a pipe which nobody writes to: 150 KB, and unlike `sleep` it
 * hears SIGTERM although it is process 1.
 */
export const pause: Image = {
  name: 'registry.k8s.io/pause',
  entrypoint: ['/pause'],
  command: [],
  env: {},
  files: {
    '/pause': `#!/bin/sh
trap 'exit 0' TERM INT
mkfifo /tmp/pause
while :; do read -r nothing; done <> /tmp/pause
`,
  },
  sizeBytes: 686_720,
};
