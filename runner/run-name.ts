/** When a run began, as its name begins: names in their order as texts are in the order of time. */
export function runStamp(wallMs: number): string {
  return new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
