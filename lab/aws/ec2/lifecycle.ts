import type { MachineSpec } from '../../hypervisor.ts';
import { background, type Cloud } from '../cloud.ts';
import { newId } from '../ids.ts';
import type { Instance, InstanceState, Reason, Subnet, Tags } from '../state.ts';
import { takeAddress } from './addresses.ts';
import { releaseVolumes } from './attachments.ts';
import { networkChanged, networkFollows } from './enforcement.ts';
import { justMade } from './visibility.ts';

export interface LaunchRequest {
  readonly subnet: Subnet;
  readonly reservationId: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string | undefined;
  /** Decoded. */
  readonly userData: string;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly securityGroupIds: readonly string[];
  readonly tags: Tags;
  readonly clientToken: string;
  readonly launchIndex: number;
  readonly address?: string | undefined;
  /** On top of the profile's launch time. */
  readonly extraLaunchMs?: number;
  /** Why it will be terminated in place of running. */
  readonly launchFailure?: Reason | undefined;
}

/** Makes an instance: `pending` at once, `running` after the launch time, its user data running after the boot time. */
export function launchInstance(cloud: Cloud, request: LaunchRequest): Instance {
  const { subnet, address, extraLaunchMs = 0, launchFailure, ...rest } = request;
  const instance: Instance = {
    ...rest,
    keyName: request.keyName,
    id: newId('i'),
    sequence: cloud.nextSequence(),
    launchedAt: new Date(),
    zone: subnet.zone,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    address: takeAddress(cloud.state, subnet, address),
    secondaryAddresses: [],
    firstSecurityGroupIds: request.securityGroupIds,
    interfaceId: newId('eni'),
    interfaceAttachmentId: newId('eni-attach'),
    state: 'pending',
    booted: false,
    starting: undefined,
    stateReason: { code: 'pending', message: 'pending' },
    stateTransitionReason: '',
  };
  cloud.state.instances.set(instance.id, instance);
  justMade(cloud, instance.id);
  cloud.instanceChanged(instance);
  networkFollows(cloud);
  comeUp(cloud, instance, extraLaunchMs, launchFailure);
  return instance;
}

/** From `pending` to `running` to a machine that boots; not, when it was terminated or stopped meanwhile. */
function comeUp(cloud: Cloud, instance: Instance, extraLaunchMs: number, failure?: Reason): void {
  const { launchedAt } = instance;
  const isThisTime = (state: InstanceState): boolean => instance.state === state && instance.launchedAt === launchedAt;
  cloud.timers.after(cloud.timing.launchMs + extraLaunchMs, () => {
    if (!isThisTime('pending')) return;
    if (failure !== undefined) return end(cloud, instance, failure, `${failure.code} (${gmt()})`, 0);
    change(cloud, instance, 'running', undefined);
    cloud.timers.after(cloud.timing.bootMs, () => {
      if (isThisTime('running')) boot(cloud, instance);
    });
  });
}

/** A stopped instance starts again: the same address and volumes, all processes new. Does nothing in other states. */
export function startInstance(cloud: Cloud, instance: Instance): void {
  if (instance.state !== 'stopped') return;
  instance.launchedAt = new Date();
  instance.stateTransitionReason = '';
  change(cloud, instance, 'pending', { code: 'pending', message: 'pending' });
  comeUp(cloud, instance, 0);
}

function boot(cloud: Cloud, instance: Instance): void {
  const { id, zone, subnetId, address, instanceType, tags, userData } = instance;
  const machine = {
    instanceId: id,
    zone,
    subnetId,
    address,
    instanceType,
    name: tags.get('Name'),
    tags: Object.fromEntries(tags),
    userData,
  };
  instance.starting = startGuarded(cloud, machine).then(
    () => {
      instance.booted = true;
    },
    (error: unknown) => {
      cloud.trouble(`the machine ${id} could not be started`, error);
      if (instance.state === 'running') failLaunch(cloud, instance);
    },
  );
}

/** No packet of a machine goes before the rules about it stand. */
async function startGuarded(cloud: Cloud, machine: MachineSpec): Promise<void> {
  await networkChanged(cloud);
  await cloud.hypervisor.start(machine);
  const { secondaryAddresses = [] } = cloud.state.instances.get(machine.instanceId) ?? {};
  // One that was stopped has kept them.
  if (secondaryAddresses.length > 0) await cloud.hypervisor.routeAddresses(machine.instanceId, secondaryAddresses);
}

/** AWS's own fault: the instance is terminated without having been of use. */
function failLaunch(cloud: Cloud, instance: Instance): void {
  const reason = { code: 'Server.InternalError', message: 'Server.InternalError: Internal error on launch' };
  end(cloud, instance, reason, `Server.InternalError (${gmt()})`, 0);
}

/** A user's or a group's termination: all that runs in it dies now, the state follows. Does nothing the second time. */
export function terminateInstance(cloud: Cloud, instance: Instance): void {
  if (isGoing(instance)) return;
  const reason = {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  };
  end(cloud, instance, reason, `User initiated (${gmt()})`, cloud.timing.terminateMs);
}

export const isGoing = (instance: Instance): boolean =>
  instance.state === 'shutting-down' || instance.state === 'terminated';

function end(cloud: Cloud, instance: Instance, reason: Reason, transition: string, delayMs: number): void {
  instance.stateTransitionReason = transition;
  change(cloud, instance, 'shutting-down', reason);
  background(cloud, `the termination of ${instance.id}`, async () => {
    await Promise.all([kill(cloud, instance), cloud.timers.delay(delayMs)]);
    await releaseVolumes(cloud, instance);
    instance.booted = false;
    instance.secondaryAddresses = [];
    change(cloud, instance, 'terminated', reason);
    networkFollows(cloud);
    cloud.timers.after(cloud.terminatedVisibleMs, () => cloud.state.instances.delete(instance.id));
  });
}

/** The machine's first process ended by itself: what becomes of the instance is its shutdown behaviour. */
export function machineExited(cloud: Cloud, instanceId: string): void {
  const instance = cloud.state.instances.get(instanceId);
  if (instance === undefined || instance.state !== 'running') return;
  const reason = {
    code: 'Client.InstanceInitiatedShutdown',
    message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
  };
  if (instance.shutdownBehavior === 'terminate') {
    end(cloud, instance, reason, `Instance initiated (${gmt()})`, cloud.timing.terminateMs);
  } else {
    stop(cloud, instance, reason, `Instance initiated (${gmt()})`);
  }
}

/** A user's stop: all that runs in it dies now. Does nothing to one that is stopping or stopped. */
export function stopInstance(cloud: Cloud, instance: Instance): void {
  if (instance.state !== 'running') return;
  const reason = {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  };
  stop(cloud, instance, reason, `User initiated (${gmt()})`);
}

function stop(cloud: Cloud, instance: Instance, reason: Reason, transition: string): void {
  instance.stateTransitionReason = transition;
  change(cloud, instance, 'stopping', reason);
  background(cloud, `the stop of ${instance.id}`, async () => {
    await Promise.all([kill(cloud, instance), cloud.timers.delay(cloud.timing.terminateMs)]);
    if (instance.state !== 'stopping') return;
    instance.booted = false;
    change(cloud, instance, 'stopped', reason);
  });
}

/** A start that is still under way could outlive the kill: kill again when it is over. */
async function kill(cloud: Cloud, instance: Instance): Promise<void> {
  const { starting } = instance;
  try {
    await cloud.hypervisor.kill(instance.id);
    if (starting !== undefined && !instance.booted) {
      await starting;
      await cloud.hypervisor.kill(instance.id);
    }
  } catch (error) {
    // The state must go on all the same: a group waits for it.
    cloud.trouble(`the machine ${instance.id} could not be killed`, error);
  }
}

function change(cloud: Cloud, instance: Instance, state: InstanceState, reason: Reason | undefined): void {
  instance.state = state;
  instance.stateReason = reason;
  cloud.instanceChanged(instance);
}

/** As in "User initiated (2026-03-01 12:00:00 GMT)". */
function gmt(): string {
  return `${new Date().toISOString().slice(0, 19).replace('T', ' ')} GMT`;
}
