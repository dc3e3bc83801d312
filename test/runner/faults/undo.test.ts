import asgLaunchFailure from '../../../runner/faults/asg-launch-failure.ts';
import asgSuspend from '../../../runner/faults/asg-suspend.ts';
import containerSignal from '../../../runner/faults/container-signal.ts';
import cpuThrottle from '../../../runner/faults/cpu-throttle.ts';
import daemonStop from '../../../runner/faults/daemon-stop.ts';
import deploymentScale from '../../../runner/faults/deployment-scale.ts';
import instanceIsolate from '../../../runner/faults/instance-isolate.ts';
import instanceStop from '../../../runner/faults/instance-stop.ts';
import meshLatency from '../../../runner/faults/mesh-latency.ts';
import networkDeny from '../../../runner/faults/network-deny.ts';
import nodeDrain from '../../../runner/faults/node-drain.ts';
import volumeDetach from '../../../runner/faults/volume-detach.ts';
import zonePartition from '../../../runner/faults/zone-partition.ts';
import zonePowerLoss from '../../../runner/faults/zone-power-loss.ts';
import { undoesEverything } from './fault-under-test.ts';

const zone = { select: { role: 'etcd', zone: 'eu-west-1b' } };
const two = { select: { names: ['peer-2', 'peer-5'] } };

describe('the undo of', () => {
  describe('asg-launch-failure', () => undoesEverything(asgLaunchFailure, two));
  describe('asg-suspend', () => undoesEverything(asgSuspend, { ...two, processes: ['Launch', 'HealthCheck'] }));
  describe('daemon-stop', () => undoesEverything(daemonStop, { select: { owner: 'daemonset/agent', pick: 2 } }));
  describe('container-signal', () => undoesEverything(containerSignal, { select: { owner: 'deployment/web', pick: 2 } }));
  describe('cpu-throttle', () => undoesEverything(cpuThrottle, { select: { owner: 'deployment/web', pick: 2 }, to: '100m' }));
  describe('deployment-scale', () => undoesEverything(deploymentScale, { select: { owner: 'deployment/web' }, to: 1 }));
  describe('instance-isolate', () => undoesEverything(instanceIsolate, two));
  describe('instance-stop', () => undoesEverything(instanceStop, two));
  describe('mesh-latency', () => undoesEverything(meshLatency, { select: { owner: 'daemonset/agent', pick: 2 } }));
  describe('network-deny', () => undoesEverything(networkDeny, { select: { owner: 'deployment/web', pick: 2 } }));
  describe('node-drain', () =>
    undoesEverything(nodeDrain, { select: { names: ['node-2', 'node-5'] } }, (aws) => {
      // What is evicted stays gone: its workload makes another.
      for (const name of ['web-2', 'web-5']) aws.kubernetes.objects.delete(`pods shop/${name}`);
    }));
  describe('volume-detach', () => undoesEverything(volumeDetach, two));
  describe('zone-partition, from the other zones', () => undoesEverything(zonePartition, zone));
  describe('zone-partition, from everything', () => undoesEverything(zonePartition, { ...zone, scope: 'all' }));
  describe('zone-power-loss', () =>
    undoesEverything(zonePowerLoss, zone, (aws) => {
      // What is killed stays dead: its groups replace it.
      for (const instance of aws.instances.values()) instance.state = 'running';
    }));
});
