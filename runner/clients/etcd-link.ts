import { withDeadline, type Clock } from '../clock.ts';
import type { DnsClient } from './dns.ts';
import { portOf, type EtcdCall, type EtcdConnection, type EtcdDialler } from './etcd-connection.ts';
import { EtcdFailure, failureOf } from './etcd-failure.ts';
import type { EtcdSelf } from './etcd.ts';
import { knock } from './knock.ts';

export interface EtcdLinkInput {
  readonly endpoint: URL;
  readonly dial: EtcdDialler;
  readonly dns: DnsClient;
  readonly clock: Clock;
}

/** After this long without any answer while questions are open, the connection is in doubt. */
const doubtAfterMs = 250;
/** While in doubt, somebody knocks at the member's present address this often. */
const knockEveryMs = 200;
const knockTimeoutMs = 1000;
const firstAnswerTimeoutMs = 2000;
/** A connection in doubt gets this long to answer before anything is dialled. */
const graceMs = 60;

/**
 * The way to one member. A machine that dies says no goodbye: its connection just falls silent, and when the member is
 * back it has another address. So a link in doubt looks the name up and knocks, again and again, until the old
 * connection answers after all or a new one does, which then takes its place. Questions are never asked twice.
 *
 * HTTP/2's own pings can't do this: etcd ends connections that ping more often than every 5 s.
 */
export class EtcdLink {
  readonly host: string;
  readonly port: number;
  readonly #input: EtcdLinkInput;
  readonly #closed = new AbortController();
  #connection: EtcdConnection | undefined;
  /** Why there is no connection, by who knocked last. */
  #why: EtcdFailure | undefined;
  /** Resolves when the first attempt to connect has come to an end. */
  #tried = Promise.withResolvers<void>();
  #open = 0;
  /** When the oldest question was asked, or the last answer came, while questions are open. */
  #silentSinceMs = 0;
  #doubt = false;
  #pursuing = false;
  #attempts = 0;

  constructor(input: EtcdLinkInput) {
    this.#input = input;
    this.host = input.endpoint.hostname.replace(/^\[|\]$/g, '');
    this.port = portOf(input.endpoint);
  }

  /** @throws EtcdFailure */
  status(timeoutMs: number): Promise<EtcdSelf> {
    return this.#ask(timeoutMs, (connection, leftMs) => connection.status(leftMs));
  }

  /** @throws EtcdFailure */
  put(key: Buffer, value: Buffer, timeoutMs: number): Promise<void> {
    return this.#ask(timeoutMs, (connection, leftMs) => connection.put(key, value, leftMs));
  }

  /** Anything else that the library can ask. @throws EtcdFailure */
  ask<T>(timeoutMs: number, call: EtcdCall<T>): Promise<T> {
    return this.#ask(timeoutMs, (connection, leftMs) => connection.ask(leftMs, call));
  }

  async #ask<T>(timeoutMs: number, question: (connection: EtcdConnection, leftMs: number) => Promise<T>): Promise<T> {
    const startMs = this.#input.clock.now();
    let leftMs = timeoutMs;
    if (!this.#connection) {
      await this.warm(timeoutMs);
      leftMs -= this.#input.clock.now() - startMs;
    }
    const connection = this.#connection;
    if (!connection) throw new EtcdFailure(this.#why?.kind ?? 'silent', this.#why?.message ?? 'no answer', { unsent: true, cause: this.#why });
    if (this.#open === 0) this.#silentSinceMs = startMs;
    else if (startMs - this.#silentSinceMs > doubtAfterMs) this.#pursue();
    this.#open += 1;
    try {
      const answer = await question(connection, leftMs);
      this.#heard(connection);
      return answer;
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'answered') this.#heard(connection);
      else if (connection === this.#connection) this.#pursue();
      // A broken connection doesn't know why: who knocks does.
      throw failure.kind === 'lost' ? (this.#why ?? failure) : failure;
    } finally {
      this.#open -= 1;
    }
  }

  /** For how long it has left all questions unanswered; 0 while none is open. */
  silentMs(): number {
    return this.#open === 0 ? 0 : this.#input.clock.now() - this.#silentSinceMs;
  }

  /** Resolves when there is a connection, or it is known why not, or `timeoutMs` is over. */
  async warm(timeoutMs: number): Promise<void> {
    if (this.#connection) return;
    this.#pursue();
    const { clock } = this.#input;
    const late = Promise.withResolvers<void>();
    const takeBack = clock.schedule(clock.now() + timeoutMs, late.resolve);
    await Promise.race([this.#tried.promise, late.promise]);
    takeBack();
  }

  close(): void {
    this.#closed.abort(new EtcdFailure('lost', 'closed'));
    this.#connection?.close();
    this.#tried.resolve();
  }

  #heard(connection: EtcdConnection): void {
    if (connection !== this.#connection) return;
    this.#silentSinceMs = this.#input.clock.now();
    this.#doubt = false;
  }

  #pursue(): void {
    this.#doubt = true;
    if (this.#pursuing || this.#closed.signal.aborted) return;
    this.#pursuing = true;
    this.#untilHeard().then(
      () => {
        this.#pursuing = false;
      },
      (error: unknown) => {
        this.#pursuing = false;
        this.#why = failureOf(error);
      },
    );
  }

  async #untilHeard(): Promise<void> {
    const { clock } = this.#input;
    const { signal } = this.#closed;
    const old = this.#connection;
    if (old) {
      old.status(firstAnswerTimeoutMs).then(
        () => this.#heard(old),
        () => {
          // Silent still: that is why somebody knocks.
        },
      );
      await clock.sleep(graceMs, signal);
    }
    while ((this.#doubt || !this.#connection) && !signal.aborted) {
      this.#attempts += 1;
      this.#attempt(this.#attempts).then(
        () => this.#tried.resolve(),
        (error: unknown) => {
          this.#why = failureOf(error);
          this.#tried.resolve();
        },
      );
      await clock.sleep(knockEveryMs, signal);
    }
  }

  /** Looks the name up, knocks, dials, asks. The first to be answered becomes the connection. */
  async #attempt(attempt: number): Promise<void> {
    const { endpoint, dial, dns, clock } = this.#input;
    const addresses = await withDeadline(clock, knockTimeoutMs, 'DNS', (signal) => dns.addresses(this.host, signal));
    if (addresses.length === 0) throw new EtcdFailure('refused', `${this.host} has no address`);
    const address = addresses[attempt % addresses.length]!;
    await withDeadline(clock, knockTimeoutMs, 'knock', (signal) => knock(address, this.port, signal));
    const connection = dial(endpoint, address);
    try {
      await connection.status(firstAnswerTimeoutMs);
    } catch (error) {
      if (failureOf(error).kind !== 'answered') {
        connection.close();
        throw error;
      }
    }
    const wanted = (this.#doubt || !this.#connection) && !this.#closed.signal.aborted;
    if (!wanted) {
      connection.close();
      return;
    }
    const old = this.#connection;
    this.#connection = connection;
    this.#why = undefined;
    this.#heard(connection);
    old?.close();
  }
}
