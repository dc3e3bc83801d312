import type { NetworkRules } from '../hypervisor.ts';
import { command } from './commands.ts';
import { renderRules } from './network-rules.ts';

export interface Firewall {
  /** Puts these rules in the place of the ones before. Resolves when they, or later ones, hold. */
  apply(rules: NetworkRules): Promise<void>;
}

const loadIntoKernel = async (script: string): Promise<void> => {
  await command('nft', ['-f', '-'], script);
};

/**
 * Loads rules one transaction after the other. What comes while one is being loaded waits together for the next, which
 * loads the newest: many changes at once cost two transactions, and none is lost.
 *
 * @param load replaced in tests
 */
export function createFirewall(load: (script: string) => Promise<void> = loadIntoKernel): Firewall {
  let waiting: { rules: NetworkRules; readonly loaded: Promise<void> } | undefined;
  let last: Promise<void> = Promise.resolve();
  return {
    apply(rules) {
      if (waiting !== undefined) {
        waiting.rules = rules;
        return waiting.loaded;
      }
      const loaded = last.then(() => {
        const newest = waiting!.rules;
        waiting = undefined;
        return load(renderRules(newest));
      });
      waiting = { rules, loaded };
      // A failure is for those who wait for it; what comes after begins from the rules before.
      last = loaded.catch(() => {});
      return loaded;
    },
  };
}
