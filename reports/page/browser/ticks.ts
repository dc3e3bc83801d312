/** Round moments of a window, and how far apart they are, in milliseconds. */
export function roundTicks(fromMs: number, toMs: number, most: number): { readonly stepMs: number; readonly ticks: readonly number[] } {
  const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map((one) => one * 1_000);
  const rounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, ...seconds];
  const stepMs = rounds.find((step) => (toMs - fromMs) / step <= most) ?? Math.ceil((toMs - fromMs) / most / 3_600_000) * 3_600_000;
  const ticks = [];
  for (let tick = Math.ceil(fromMs / stepMs) * stepMs; tick <= toMs; tick += stepMs) ticks.push(tick);
  return { stepMs, ticks };
}
