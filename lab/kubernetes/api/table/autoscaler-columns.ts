import type { KubeObject, Loose } from '../object.ts';
import { ageColumn, column, nameColumn, type Column } from './column.ts';

const mostShown = 2;

/** The columns of a HorizontalPodAutoscaler. */
export const autoscalerColumns: readonly Column[] = [
  nameColumn,
  column('Reference', ({ spec }) => `${spec?.scaleTargetRef?.kind}/${spec?.scaleTargetRef?.name}`),
  column('Targets', targetsText),
  column('MinPods', ({ spec }) => (spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas))),
  column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
  column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
  ageColumn,
];

function targetsText({ spec, status }: KubeObject): string {
  const metrics: Loose[] = spec?.metrics ?? [];
  const shown = metrics.slice(0, mostShown).map((metric, at) => metricText(metric, status?.currentMetrics?.[at]));
  if (metrics.length === 0) return '<none>';
  return metrics.length > mostShown ? `${shown.join(', ')} + ${metrics.length - mostShown} more...` : shown.join(', ');
}

/** What a metric is and what it is to be: `cpu: 40%/80%`. */
function metricText({ type, ...metric }: Loose, current: Loose): string {
  const field: string = type === '' ? '' : type[0].toLowerCase() + type.slice(1);
  const { target, name } = metric[field] ?? {};
  const now = current?.[field]?.current;
  const ofResource = type === 'Resource' || type === 'ContainerResource';
  const resource = ofResource ? `${name}: ` : '';
  if (target?.averageValue !== undefined) {
    return `${resource}${now?.averageValue ?? '<unknown>'}/${target.averageValue}${ofResource || type === 'Pods' ? '' : ' (avg)'}`;
  }
  if (!ofResource) return `${now?.value ?? '<unknown>'}/${target?.value}`;
  const percent = (value: number | undefined, unknown: string): string => (value === undefined ? unknown : `${value}%`);
  return `${resource}${percent(now?.averageUtilization, '<unknown>')}/${percent(target?.averageUtilization, '<auto>')}`;
}
