import { need } from './explorer.ts';
import type { Explorer } from './explorer.ts';
import { look, point, step, zoom } from './showing.ts';

/** What each key does, by the name that the browser gives it. */
export function keyActions(explorer: Explorer): Readonly<Record<string, (event: KeyboardEvent) => void>> {
  const { whole } = explorer;
  const stride = ({ shiftKey }: KeyboardEvent): number => (shiftKey ? 20 : 1);
  return {
    ArrowLeft: (event) => step(explorer, -stride(event)),
    ArrowRight: (event) => step(explorer, stride(event)),
    '+': () => zoom(explorer, 1.5),
    '=': () => zoom(explorer, 1.5),
    '-': () => zoom(explorer, 1 / 1.5),
    '0': () => look(explorer, whole),
    '/': openSearch,
    '?': openHelp,
    Escape: () => point(explorer, null),
  };
}

export function openSearch(): void {
  need<HTMLDetailsElement>('#event-list').open = true;
  need<HTMLInputElement>('#search').focus();
  need('#events').scrollIntoView();
}

export function openHelp(): void {
  need<HTMLDialogElement>('#keys').showModal();
}

/** Keys belong to whatever takes text or has keys of its own; single ones can be switched off in the help. */
export function listenToKeys(explorer: Explorer): void {
  const actions = keyActions(explorer);
  document.addEventListener('keydown', (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !Object.hasOwn(actions, key)) return;
    if (target instanceof Element && target.closest(key.startsWith('Arrow') ? 'input, select, dialog, .scroll' : 'input:not([type="radio"]), select, dialog')) return;
    if (key.length === 1 && !need<HTMLInputElement>('#single-keys').checked) return;
    event.preventDefault();
    actions[key]!(event);
  });
}
