import { createHmac } from 'node:crypto';
import type { Notice } from './notice.ts';

/** What is sent to a receiver. */
export interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A notice as JSON, signed. `docs/notifications.md` tells receivers how to verify it.
 *
 * @param sentMs when it is sent: UTC, milliseconds since 1970. It is signed too, so that an old message can't be sent again
 */
export function webhookMessage(notice: Notice, secret: string, sentMs: number): Message {
  const body = JSON.stringify({ version: 1, ...notice });
  const timestamp = String(Math.floor(sentMs / 1_000));
  return {
    headers: { 'x-firedrill-id': notice.id, 'x-firedrill-timestamp': timestamp, 'x-firedrill-signature': `v1=${signatureOf(timestamp, body, secret)}` },
    body,
  };
}

/** HMAC-SHA256 of `<timestamp>.<body>`, in hexadecimal. */
export function signatureOf(timestamp: string, body: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
