import type { Action, Actions } from './protocol/action.ts';

const getCallerIdentity: Action = {
  parameters: [],
  run: (cloud, _params, caller) => ({ UserId: caller.userId, Account: cloud.accountId, Arn: caller.arn }),
};

export const stsActions: Actions = { GetCallerIdentity: getCallerIdentity };
