import { stringify } from 'yaml';
import { exitCodes } from '../runner/errors.ts';
import { loadKinds } from '../runner/kinds.ts';
import { policyFor, rightsOf, rolesFor } from '../runner/rights.ts';
import { chooseDrill } from './drill.ts';

export interface PermissionsOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly only?: 'kubernetes' | 'iam';
}

/** `firedrill permissions`: the least roles of Kubernetes and the least IAM policy that drills need. */
export async function permissionsCommand(drills: readonly string[], { set, json, only }: PermissionsOptions): Promise<number> {
  const kinds = await loadKinds();
  const chosen = await Promise.all(drills.map((drill) => chooseDrill(drill, kinds, { set })));
  const rights = rightsOf(chosen.map(({ scenario }) => scenario), kinds);
  const roles = only === 'iam' ? [] : rolesFor(rights);
  const policy = only === 'kubernetes' ? null : policyFor(rights);
  if (json) {
    const all = { kubernetes: { apiVersion: 'v1', kind: 'List', items: roles }, iam: policy };
    process.stdout.write(`${JSON.stringify(only === undefined ? all : all[only], null, 2)}\n`);
    return exitCodes.held;
  }
  const documents = [...roles.map((role) => stringify(role)), ...(policy ? [`# IAM policy\n${stringify(policy)}`] : [])];
  process.stdout.write(documents.join('---\n') || '# these drills need no rights\n');
  return exitCodes.held;
}
