/** What the name of a run says: when it began, and its drill; undefined for one that was named by hand. */
export function partsOfRunName(name: string): { readonly stamp: string; readonly drill: string } | undefined {
  const [, stamp, drill] = /^(\d{8}T\d{6}Z)-(.+)-[0-9a-f]{4}$/.exec(name) ?? [];
  return stamp === undefined || drill === undefined ? undefined : { stamp, drill };
}

/** When a run began, as its name begins: names in their order as texts are in the order of time. */
export function runStamp(wallMs: number): string {
  return new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
