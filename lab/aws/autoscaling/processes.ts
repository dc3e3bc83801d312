import type { Action, Actions } from '../protocol/action.ts';
import { validationError } from '../protocol/errors.ts';
import type { Params } from '../protocol/params.ts';
import { scalingProcesses, type ScalingProcess } from '../state.ts';
import { causeTime } from './activities.ts';
import { groupNamed } from './groups.ts';

/** No list means all of them. */
function readProcesses(params: Params): readonly ScalingProcess[] {
  const names = params.strings('ScalingProcesses');
  if (names.length === 0) return scalingProcesses;
  return names.map((name) => {
    const process = scalingProcesses.find((each) => each === name);
    if (process === undefined)
      throw validationError(`Process type ${name} is not valid. Valid types are: ${scalingProcesses.join(', ')}`);
    return process;
  });
}

const suspendProcesses: Action = {
  parameters: ['AutoScalingGroupName', 'ScalingProcesses'],
  run(cloud, params) {
    const group = groupNamed(cloud, params);
    for (const process of readProcesses(params)) {
      if (!group.suspended.has(process)) group.suspended.set(process, `User suspended at ${causeTime()}`);
    }
    return {};
  },
};

const resumeProcesses: Action = {
  parameters: ['AutoScalingGroupName', 'ScalingProcesses'],
  run(cloud, params) {
    const group = groupNamed(cloud, params);
    const resumed = readProcesses(params);
    if (cloud.sabotage.isOn('launch-stays-suspended')) return {};
    for (const process of resumed) group.suspended.delete(process);
    return {};
  },
};

const describeScalingProcessTypes: Action = {
  parameters: [],
  run: () => ({ Processes: scalingProcesses.map((ProcessName) => ({ ProcessName })) }),
};

export const processActions: Actions = {
  SuspendProcesses: suspendProcesses,
  ResumeProcesses: resumeProcesses,
  DescribeScalingProcessTypes: describeScalingProcessTypes,
};
