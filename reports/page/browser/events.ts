import { need } from './explorer.ts';
import { isFound } from './search.ts';

/** Shows the events that have every word of what is typed, and of the kind that is chosen. */
export function listenToSearch(): void {
  const field = need<HTMLInputElement>('#search');
  const kinds = need<HTMLSelectElement>('#event-kind');
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('#event-list tbody tr')].map((row) => ({ row, kind: row.dataset['kind'], text: row.textContent }));
  const filter = (): void => {
    let found = 0;
    for (const { row, kind, text } of rows) {
      row.hidden = (kinds.value !== '' && kind !== kinds.value) || !isFound(text, field.value.trim());
      if (!row.hidden) found += 1;
    }
    need('#found').textContent = `${found} of ${rows.length}`;
  };
  field.addEventListener('input', filter);
  kinds.addEventListener('change', filter);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    field.value = '';
    filter();
    field.blur();
  });
  filter();
}
