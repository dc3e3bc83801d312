import type { Activity } from './clients/auto-scaling.ts';
import type { Target } from './fault.ts';
import type { Volume } from './inventory.ts';
import type { Detail, Milestone } from './journal.ts';
import type { PlatformView } from './platform-watch.ts';
import { shortName } from './roles.ts';

/** When a look was begun and when its answer was there, on the clock, in milliseconds. */
export interface Look {
  readonly askedMs: number;
  readonly seenMs: number;
}

export interface PlatformHistoryInput {
  hit(): readonly Target[];
  milestone(milestone: Milestone): void;
}

/** What was seen last of one thing. */
interface Seen {
  readonly milestone: Milestone;
  /** When the last look that showed it so was begun: a change came after that. */
  askedMs: number;
  told: boolean;
}

/**
 * Turns looks into changes of state. A change lies between the beginning of the last look that showed the old state and
 * the arrival of the first that shows the new one.
 *
 * Told at once: instances with a role. Told once its target is hit, beginning with the state it was in before: groups,
 * volumes, names.
 */
export class PlatformHistory {
  readonly #input: PlatformHistoryInput;
  readonly #seen = new Map<string, Seen>();
  readonly #old = new Set<string>();
  /** The previous look of each kind: what is new was not there then. */
  readonly #previous = new Map<string, Look>();
  /** By volume: what the machine is called, and the ids of all that had it. */
  #dataVolumes = new Map<string, { readonly subject: string; readonly holders: Set<string> }>();
  #groupMembers = new Map<string, { group: string; subject: string }>();

  constructor(input: PlatformHistoryInput) {
    this.#input = input;
  }

  sawMachines(view: PlatformView): void {
    this.#learn(view);
    for (const { id, name, state, roles, zone, group } of view.instances) {
      const subject = shortName(name);
      const wanted = roles.length > 0 || this.#isHit((target) => target.id === id || (group !== undefined && target.group === group));
      this.#saw({ facet: 'instance', subject, state, detail: { id, zone, ...(group === undefined ? {} : { group }) }, source: 'ec2' }, id, 'machines', view, wanted);
    }
    const members = new Set<string>();
    for (const group of view.groups) {
      const subject = shortName(group.name);
      const wanted = this.#isHit((target) => target.group === group.name);
      for (const { instanceId, lifecycle, healthy } of group.members) {
        members.add(instanceId);
        this.#groupMembers.set(instanceId, { group: group.name, subject });
        const detail = { id: instanceId, healthy, group: group.name };
        const state = healthy ? lifecycle : `${lifecycle} unhealthy`;
        this.#saw({ facet: 'group', subject, state, detail, source: 'autoscaling' }, instanceId, 'machines', view, wanted);
      }
    }
    for (const [instanceId, { group, subject }] of this.#groupMembers) {
      if (members.has(instanceId)) continue;
      const wanted = this.#isHit((target) => target.group === group);
      const detail = { id: instanceId, group };
      this.#saw({ facet: 'group', subject, state: 'Removed', detail, source: 'autoscaling' }, instanceId, 'machines', view, wanted);
    }
    this.#previous.set('machines', view);
  }

  sawVolumes(volumes: readonly Volume[], look: Look): void {
    for (const { id, state, attachment } of volumes) {
      const known = this.#dataVolumes.get(id);
      if (known === undefined) continue;
      const { subject, holders } = known;
      const detail = { id, ...(attachment ? { instance: attachment.instanceId } : {}) };
      const wanted = this.#isHit((target) => holders.has(target.id));
      const now = attachment?.state ?? state;
      this.#saw({ facet: 'volume', subject, state: now, detail, source: 'ec2' }, id, 'volumes', look, wanted);
    }
    this.#previous.set('volumes', look);
  }

  sawActivities(activities: readonly Activity[], look: Look): void {
    const first = !this.#previous.has('activities');
    for (const { id, group, status, description, cause, statusMessage, startedAtMs, endedAtMs } of activities) {
      if (first) this.#old.add(id);
      if (this.#old.has(id)) continue;
      const detail: Detail = {
        id,
        group,
        description,
        cause,
        startedAt: startedAtMs,
        ...(endedAtMs === undefined ? {} : { endedAt: endedAtMs }),
        ...(statusMessage === undefined ? {} : { message: statusMessage }),
      };
      const wanted = this.#isHit((target) => target.group === group);
      const news = { facet: 'group', subject: shortName(group), state: `activity: ${status}`, detail, source: 'autoscaling' } as const;
      this.#saw(news, `activity ${id}`, 'activities', look, wanted);
    }
    this.#previous.set('activities', look);
  }

  /** The names whose addresses matter: those of what was hit. */
  hostNames(): string[] {
    return [...new Set(this.#input.hit().flatMap(({ host, roles }) => (host !== undefined && roles.length > 0 ? [host] : [])))];
  }

  sawAddresses(name: string, addresses: readonly string[], look: Look): void {
    const state = addresses.join(', ') || 'none';
    this.#saw({ facet: 'dns', subject: shortName(name), state, detail: { name }, source: 'dns' }, name, `dns ${name}`, look, true);
    this.#previous.set(`dns ${name}`, look);
  }

  /** Remembers which data volumes belong to whom, for when their machines are gone. */
  #learn({ instances }: PlatformView): void {
    for (const { id: holder, name, volumes } of instances) {
      for (const { id, deleteOnTermination } of volumes) {
        if (deleteOnTermination) continue;
        const holders = this.#dataVolumes.get(id)?.holders ?? new Set();
        this.#dataVolumes.set(id, { subject: shortName(name), holders: holders.add(holder) });
      }
    }
  }

  #isHit(concerns: (target: Target) => boolean): boolean {
    return this.#input.hit().some(concerns);
  }

  #saw(news: Omit<Milestone, 'notYet' | 'seen'>, thing: string, kind: string, look: Look, wanted: boolean): void {
    const key = `${news.facet} ${thing}`;
    let seen = this.#seen.get(key);
    if (seen && isSame(seen.milestone, news)) {
      seen.askedMs = look.askedMs;
    } else {
      const notYet = seen?.askedMs ?? this.#previous.get(kind)?.askedMs ?? null;
      seen = { milestone: { ...news, notYet, seen: look.seenMs }, askedMs: look.askedMs, told: false };
      this.#seen.set(key, seen);
    }
    if (!wanted || seen.told) return;
    seen.told = true;
    this.#input.milestone(seen.milestone);
  }
}

/** An activity's end and cause change without its status: only the state, and for volumes the holder, make news. */
function isSame(before: Milestone, { state, detail }: Pick<Milestone, 'state' | 'detail'>): boolean {
  return before.state === state && before.detail?.['instance'] === detail?.['instance'];
}
