import type { Timing } from '../hypervisor.ts';

/** The default: the same order of events as AWS, in seconds instead of minutes. */
export const fast: Timing = {
  name: 'fast',
  terminateMs: 500,
  groupPeriodMs: 500,
  launchMs: 1_000,
  bootMs: 500,
  attachMs: 300,
  detachMs: 300,
};

/** As people measured it in the field; what nobody published is derived, and says how. */
export const aws: Timing = {
  name: 'aws',
  // Terminate activities were seen to take 3.5 to 4.2 minutes; the processes are dead from the start of it.
  terminateMs: 234_000,
  // A dead instance was replaced about 2 minutes after it died. A group that looks each minute notices after 30 s on
  // average, launches at its next look, and the launch takes 32 s: 122 s.
  groupPeriodMs: 60_000,
  // Launch activities took 31 to 33 seconds to `running`.
  launchMs: 32_000,
  // "Running, not yet ready to serve": from `running` to user data is the boot of a small Linux image. No published
  // figure in our notes; 15 s is an assumption.
  bootMs: 15_000,
  // No published figure in our notes; AWS shows `attaching` and `detaching` for a few seconds. Assumptions.
  attachMs: 3_000,
  detachMs: 5_000,
};

export const profiles: Readonly<Record<Timing['name'], Timing>> = { fast, aws };

/** What the sabotage `slow-replacement` adds to every launch of a group, unless the lab says otherwise. */
export const slowLaunchExtraMs = 30_000;

/** AWS keeps a terminated instance visible for about an hour. */
export const terminatedVisibleMs = 3_600_000;
