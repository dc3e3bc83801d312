import { z } from 'zod';

/** What somebody may be told of, in the order in which it happens. */
export const occasions = ['start', 'abort', 'verdict'] as const;
export type Occasion = (typeof occasions)[number];

/** Fewer characters could be guessed from a signature. */
const fewestSecretCharacters = 16;

const names = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'give a name of lower-case letters, digits and hyphens' });
const address = z.url({ protocol: /^https?$/, error: 'give the address of a receiver, such as https://example.com/hook' });
const on = z.array(z.enum(occasions)).min(1).default([...occasions]);

/** Who is told that a run starts, is aborted, and how it was judged. Nobody else is sent anything. */
export const notifySchema = z.strictObject({
  /** JSON by POST, signed; by the receiver's name. */
  webhooks: z
    .record(
      names,
      z.strictObject({
        url: address,
        /** With it each message is signed; never written out in a file that others read. */
        secret: z.string().min(fewestSecretCharacters, { error: `give at least ${fewestSecretCharacters} characters` }),
        on,
      }),
    )
    .default({}),
  /** A message as Slack's incoming webhooks take it, and what is compatible with them. */
  slack: z
    .record(
      names,
      z.strictObject({
        /** Without what makes it secret: `https://hooks.slack.com/services`. */
        url: address,
        /** The rest of the address, behind a `/`: `T0000/B0000/XXXX`. */
        token: z.string().regex(/^[\w-]+(\/[\w-]+)*$/, { error: "give the last part of the webhook's address, such as T0000/B0000/XXXX" }).optional(),
        on,
      }),
    )
    .default({}),
  /** In a job of GitHub or GitLab, the report in its summary or its log. */
  summary: z.boolean().default(true),
});

export type NotifySettings = z.output<typeof notifySchema>;
