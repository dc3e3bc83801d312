import { FileRefused, readText } from '../../scenarios/read-file.ts';
import type { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { ExpectedError } from '../errors.ts';
import type { Sender } from '../traffic/outcome.ts';
import type { RequestSpec } from '../traffic/request.ts';
import type { DnsClient } from './dns.ts';
import { lookupBy } from './http-lookup.ts';
import { httpSender } from './http-sender.ts';

/** As for etcd: a bundle of every authority there is has a few hundred kilobytes. */
const certificatesLimitBytes = 4 * 1024 * 1024;

export interface HttpClient {
  /**
   * What sends requests of this kind, over connections of its own. Whoever asked for it closes it.
   *
   * @param hears whether it tells each answer, and not only what became of it
   */
  sender(spec: RequestSpec, hears?: boolean): Sender;
}

export interface HttpClientOptions {
  readonly dns: DnsClient;
  readonly clock: Clock;
  readonly userAgent: string;
}

/**
 * Sends requests to whom the environment lists, and to nobody else: the guard has refused others before.
 *
 * @throws ExpectedError when the certificates can't be read
 */
export async function connectHttp({ ca }: NonNullable<Environment['traffic']>, { dns, clock, userAgent }: HttpClientOptions): Promise<HttpClient> {
  const trusted = ca === undefined ? undefined : await readCertificates(ca);
  const lookup = lookupBy(dns, clock);
  return { sender: (spec, hears = false) => httpSender(spec, { lookup, userAgent, ca: trusted, hears }) };
}

async function readCertificates(file: string): Promise<string> {
  try {
    return await readText(file, certificatesLimitBytes);
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    throw new ExpectedError(`environment: traffic.ca is ${file}, which ${error.message}`, undefined, { cause: error });
  }
}
