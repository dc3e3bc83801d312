export type Labels = Readonly<Record<string, string>>;

/** Counters and histograms of the proxy, in Prometheus' text format, by the names that linkerd 1.x gives them where it has them. */
export interface Metrics {
  count(name: string, labels?: Labels): void;
  /** @param ms a latency */
  observe(name: string, ms: number, labels?: Labels): void;
  /** @param gauges what is read off only now */
  text(gauges: readonly { readonly name: string; readonly labels: Labels; readonly value: number }[]): string;
}

/** In milliseconds. */
const upperBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

interface Histogram {
  readonly name: string;
  readonly labels: string;
  /** The last is for all above the highest bound. */
  readonly counts: number[];
  sum: number;
}

export function createMetrics(): Metrics {
  const counters = new Map<string, Map<string, number>>();
  const histograms = new Map<string, Histogram>();
  return {
    count(name, labels = {}) {
      const byLabels = counters.get(name) ?? new Map<string, number>();
      counters.set(name, byLabels);
      const key = labelText(labels);
      byLabels.set(key, (byLabels.get(key) ?? 0) + 1);
    },
    observe(name, ms, labels = {}) {
      const key = name + labelText(labels);
      const histogram = histograms.get(key) ?? { name, labels: labelText(labels), counts: Array.from({ length: upperBounds.length + 1 }, () => 0), sum: 0 };
      histograms.set(key, histogram);
      const bucket = upperBounds.findIndex((bound) => ms <= bound);
      histogram.counts[bucket < 0 ? upperBounds.length : bucket]!++;
      histogram.sum += ms;
    },
    text(gauges) {
      const families = new Map<string, { type: string; lines: string[] }>();
      const put = (name: string, type: string, lines: readonly string[]): void => {
        const family = families.get(name) ?? { type, lines: [] };
        families.set(name, family);
        family.lines.push(...lines);
      };
      for (const [name, byLabels] of counters) put(name, 'counter', [...byLabels].map(([labels, value]) => line(name, labels, value)));
      for (const histogram of histograms.values()) put(histogram.name, 'histogram', linesOf(histogram));
      for (const { name, labels, value } of gauges) put(name, 'gauge', [line(name, labelText(labels), value)]);
      return [...families].map(([name, { type, lines }]) => `# TYPE ${name} ${type}\n${lines.join('')}`).join('');
    },
  };
}

const line = (name: string, labels: string, value: number): string => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`;

const labelText = (labels: Labels): string =>
  Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`).join(',');

function linesOf({ name, labels, counts, sum }: Histogram): string[] {
  const before = labels === '' ? '' : `${labels},`;
  let total = 0;
  const buckets = [...upperBounds, Infinity].map((bound, at) => {
    total += counts[at]!;
    return line(`${name}_bucket`, `${before}le="${bound === Infinity ? '+Inf' : bound}"`, total);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
}
