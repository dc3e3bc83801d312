/** A duration as `kubectl get` shows ages: `45s`, `3m20s`, `5h10m`, `3d4h`, `45d`, `2y30d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 24 * 8) return two(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

function two(first: number, unit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first}${unit}` : `${first}${unit}${second}${secondUnit}`;
}

/** How long ago a time was. */
export function since(time: string | null | undefined): string {
  return time ? humanDuration(Date.now() - Date.parse(time)) : '<unknown>';
}
