import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import * as dns from 'dns-packet';
import { etcdDomain } from '../names.ts';
import type { DnsZone } from './dns-zone.ts';

/** The largest answer that fits a datagram when the asker names no other limit. */
const datagramBytes = 512;
const noSuchName = 3;
const notImplemented = 4;

/** Answers for `zone` on port 53 of `address`, over UDP and TCP. Resolves when it listens. */
export async function serveDns(zone: DnsZone, address: string, log: (line: string) => void): Promise<void> {
  const datagrams = createSocket('udp4');
  datagrams.on('message', (message, from) => {
    const reply = answerTo(message, zone);
    if (!reply) return;
    let bytes = dns.encode(reply.packet);
    if (bytes.length > reply.limitBytes) {
      bytes = dns.encode({ ...reply.packet, flags: (reply.packet.flags ?? 0) | dns.TRUNCATED_RESPONSE, answers: [] });
    }
    datagrams.send(bytes, from.port, from.address, (error) => {
      // The asker died meanwhile: an everyday thing in a lab that kills machines.
      if (error) log(`dns: no way back to ${from.address}: ${error.message}`);
    });
  });
  datagrams.on('error', (error) => log(`dns: ${error.message}`));
  const listening = once(datagrams, 'listening');
  datagrams.bind(53, address);
  await listening;

  const streams = createServer((socket) => serveStream(socket, zone));
  streams.listen(53, address);
  await once(streams, 'listening');
}

function serveStream(socket: Socket, zone: DnsZone): void {
  let pending: Buffer = Buffer.alloc(0);
  socket.setTimeout(5_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const reply = answerTo(pending.subarray(2, end), zone);
      pending = pending.subarray(end);
      if (!reply) return void socket.destroy();
      const bytes = dns.encode(reply.packet);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    }
  });
}

interface Reply {
  readonly packet: dns.Packet;
  readonly limitBytes: number;
}

/** Null for what isn't a question: it gets no answer. */
export function answerTo(message: Buffer, zone: DnsZone): Reply | null {
  let query: dns.Packet;
  try {
    query = dns.decode(message);
  } catch {
    // Whatever it was, it was not DNS; a server that answered it could be made to talk to itself.
    return null;
  }
  if (query.type === 'response') return null;
  const asked = query.questions?.[0];
  const options = query.additionals?.find((each) => each.type === 'OPT');
  const limitBytes = Math.max(datagramBytes, options?.type === 'OPT' ? options.udpPayloadSize : 0);
  const flags = dns.AUTHORITATIVE_ANSWER | dns.RECURSION_AVAILABLE | ((query.flags ?? 0) & dns.RECURSION_DESIRED);
  const base: dns.Packet = { type: 'response', id: query.id ?? 0, questions: query.questions ?? [] };
  if (options) base.additionals = [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as never];
  if (!asked) return { packet: { ...base, flags: flags | notImplemented }, limitBytes };

  const { exists, answers } = zone.lookup(asked.name, asked.type);
  const packet: dns.Packet = { ...base, flags: exists ? flags : flags | noSuchName, answers: answers as dns.Answer[] };
  if (answers.length === 0) packet.authorities = [startOfAuthority()];
  return { packet, limitBytes };
}

/** Tells a resolver for how long it may remember that there is nothing: one second. */
function startOfAuthority(): dns.Answer {
  return {
    type: 'SOA',
    name: etcdDomain,
    ttl: 1,
    data: { mname: `ns.${etcdDomain}`, rname: `hostmaster.${etcdDomain}`, serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 1 },
  };
}
