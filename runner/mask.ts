import { ExpectedError } from './errors.ts';
import type { Environment } from './environment.ts';
import type { NotifySettings } from './notify/settings.ts';

/** What stands where a secret stood. */
export const masked = '***';

/** Shorter values are in every text: taking them out would leave nothing to read. */
const fewestCharacters = 4;
/** A key in PEM has some thousand, a session token as well. */
const mostCharacters = 32_768;
/** From this length on, a secret is also looked for in disguise; the base64 of less is in too many texts. */
const fewestInDisguise = 8;
/** A line of a key is looked for by itself from this length on: shorter ones are `-----END` and the rest. */
const fewestInALine = 16;
/** Texts that come again, as the reasons of answers do, are not searched again. */
const mostRemembered = 5_000;
const longestRemembered = 200;

/** A secret that is a part of these would make a journal unreadable, and an undo impossible. */
const ownWords =
  'run.started plan phase baseline inject recover undo done fault.intent fault.injected fault.failed fault.undone observations blind ' +
  'milestone abort note notification delivered calls run.ended finished no-baseline aborted interrupted failed not-undone instance group volume member door ' +
  'leader endpoint node available running terminated pending ready created scheduled started gone registered etcd-write etcd-members ' +
  'etcd-quorum kubernetes-api true false null';

export interface SecretOptions {
  /** Whose secret it is, for the refusal of one that can't be masked: `etcd.password`. */
  readonly of: string;
  /** What is shown in its place; three asterisks when left out. */
  readonly shownAs?: string;
}

/**
 * The secrets of this process, and how to take them out of what leaves it. Journal, reports, output and errors go through
 * the same one: it grows while credentials come in, and hides a secret wherever it turns up, also where the platform echoes it.
 */
export interface Mask {
  /**
   * From now on this value is hidden, as it is, in base64, in URLs, in JSON, in XML and in hexadecimal. An empty one is none.
   *
   * @throws ExpectedError for a value that can't be hidden without spoiling all other texts
   */
  add(secret: string, options: SecretOptions): void;
  /** The text without secrets. */
  text(text: string): string;
  /** Plain data with every text in it masked, keys included; the same object when there was nothing to mask. */
  data<T>(value: T): T;
}

export function createMask(): Mask {
  /** What is looked for, and what is shown in its place. */
  const needles = new Map<string, string>();
  let longestFirst: [needle: string, shownAs: string][] | undefined;
  const remembered = new Map<string, string>();

  /** One after another: as one expression, the forms of a few keys are more than a regular expression may hold. */
  const search = (given: string): string => {
    // The longest first: of two secrets that begin alike the longer one must not leave its end behind.
    longestFirst ??= [...needles].sort(([a], [b]) => b.length - a.length);
    let safe = given;
    for (const [needle, shownAs] of longestFirst) if (safe.includes(needle)) safe = safe.replaceAll(needle, () => shownAs);
    return safe;
  };
  const text = (given: string): string => {
    if (needles.size === 0 || given.length < fewestCharacters) return given;
    const known = remembered.get(given);
    if (known !== undefined) return known;
    const safe = search(given);
    if (given.length <= longestRemembered) {
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(given, safe);
    }
    return safe;
  };
  const data = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const items = value.map(data);
      return items.some((item, index) => !Object.is(item, value[index])) ? items : value;
    }
    const entries = Object.entries(value).map(([key, item]) => [text(key), data(item)] as const);
    const before = Object.entries(value);
    const changed = entries.some(([key, item], index) => key !== before[index]![0] || !Object.is(item, before[index]![1]));
    return changed ? Object.fromEntries(entries) : value;
  };
  return {
    add(secret, { of, shownAs = masked }) {
      // Files end in a newline that is no part of the secret.
      const value = secret.trim();
      if (value === '' || needles.has(value)) return;
      const why = whyNotMaskable(value);
      if (why !== undefined) throw new ExpectedError(`${of} ${why}`);
      for (const form of formsOf(value)) if (!needles.has(form)) needles.set(form, shownAs);
      longestFirst = undefined;
      remembered.clear();
    },
    text,
    data: data as Mask['data'],
  };
}

/** Why a value can't be kept out of texts, as what follows its name; undefined when it can. */
export function whyNotMaskable(secret: string): string | undefined {
  const value = secret.trim();
  if (value.length < fewestCharacters) {
    return `has fewer than ${fewestCharacters} characters: so short a secret can't be kept out of journals and reports; use a longer one`;
  }
  if (value.length > mostCharacters) return `has more than ${mostCharacters} characters, which is no secret but another file`;
  if (ownWords.includes(value)) return "is one of firedrill's own words, or a part of one: it can't be kept out of journals and reports; use another one";
  return undefined;
}

/** A secret as it may turn up. */
function formsOf(secret: string): Set<string> {
  const forms = new Set([secret]);
  const add = (form: string): void => {
    if (form.length >= fewestCharacters) forms.add(form);
  };
  // Keys are many lines, and a message may show one of them, or have spaces for the breaks.
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= fewestInALine && !line.startsWith('-----'));
  for (const plain of [secret, ...(secret.includes('\n') ? [secret.replaceAll(/\s*\n\s*/g, ' '), ...lines] : [])]) {
    add(plain);
    for (const escaped of escapesOf(plain)) add(escaped);
    if (plain.length >= fewestInDisguise) for (const disguise of disguisesOf(plain)) add(disguise);
  }
  return forms;
}

/** As programs write it into a URL, JSON (once, or JSON within JSON, by us or by Go), and XML. */
function escapesOf(text: string): string[] {
  const inJson = (plain: string): string => JSON.stringify(plain).slice(1, -1);
  const byGo = (json: string): string => json.replaceAll(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const inUrl = encodeURIComponent(text.toWellFormed());
  const strict = inUrl.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const urls = [inUrl, strict, encodeURI(text.toWellFormed())];
  const lowerCase = urls.map((url) => url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  const json = [inJson(text), byGo(inJson(text)), inJson(inJson(text)), inJson(byGo(inJson(text))), text.replaceAll(/["'\\]/g, String.raw`\$&`)];
  const xml = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const quotes = [xml.replaceAll("'", '&apos;'), xml.replaceAll("'", '&#39;'), xml.replaceAll('&quot;', '&#34;').replaceAll("'", '&#39;')];
  return [...urls, ...lowerCase, ...urls.map((url) => url.replaceAll('%20', '+')), ...json, xml, ...quotes];
}

/**
 * In base64, both alphabets, and in hexadecimal. Within a longer text, as the password in `user:password` of a basic
 * authorization, the base64 of the secret depends on where it begins: there are three, each less the characters at its ends that it
 * shares with its neighbours.
 */
function disguisesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '');
    const shared = ((before + bytes.length) * 4) % 3 === 0 ? 0 : 1;
    return encoded.slice(Math.ceil((before * 4) / 3), encoded.length - shared);
  });
  const forUrls = base64.map((encoded) => encoded.replaceAll('+', '-').replaceAll('/', '_'));
  return [...base64, ...forUrls, bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
}

/** The environment with the secrets in it replaced, whether or not they can be told by their value. */
export function maskSecrets(environment: Environment): Environment {
  const { aws, etcd, prometheus, notify, opentelemetry } = environment;
  const credentials = aws?.credentials && {
    ...aws.credentials,
    secretAccessKey: masked,
    ...(aws.credentials.sessionToken !== undefined && { sessionToken: masked }),
  };
  return {
    ...environment,
    ...(aws && { aws: { ...aws, ...(credentials && { credentials }) } }),
    ...(etcd && { etcd: { ...etcd, ...(etcd.password !== undefined && { password: masked }) } }),
    ...(prometheus && { prometheus: { ...prometheus, ...(prometheus.token !== undefined && { token: masked }) } }),
    ...(notify && { notify: maskNotify(notify) }),
    ...(opentelemetry && { opentelemetry: { ...opentelemetry, headers: Object.fromEntries(Object.keys(opentelemetry.headers).map((name) => [name, masked])) } }),
  };
}

function maskNotify(notify: NotifySettings): NotifySettings {
  const { webhooks, slack } = notify;
  return {
    ...notify,
    webhooks: Object.fromEntries(Object.entries(webhooks).map(([name, one]) => [name, { ...one, secret: masked }])),
    slack: Object.fromEntries(Object.entries(slack).map(([name, one]) => [name, { ...one, ...(one.token !== undefined && { token: masked }) }])),
  };
}
