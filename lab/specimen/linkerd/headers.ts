import type { IncomingHttpHeaders } from 'node:http';

/** What is between two neighbours and no further (RFC 9110, 7.6.1). Framing is Node's to write again. */
const betweenNeighbours = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** The headers of a message that go on to the next hop, in their order and as they were written. */
export function headersForNextHop(raw: readonly string[], { connection = '' }: IncomingHttpHeaders, without: readonly string[] = []): string[] {
  const named = connection.toLowerCase().split(',').map((token) => token.trim());
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (!betweenNeighbours.has(name) && !named.includes(name) && !without.includes(name)) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}
