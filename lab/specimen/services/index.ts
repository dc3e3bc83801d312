import { accounts } from './accounts.ts';
import { apiGateway } from './api-gateway.ts';
import { cards } from './cards.ts';
import { feed } from './feed.ts';
import { payments } from './payments.ts';
import { pots } from './pots.ts';
import type { Service, Surroundings } from './service.ts';

/** The services, by their names in the cluster. */
export const services: Readonly<Record<string, (surroundings: Surroundings) => Service>> = { 'api-gateway': apiGateway, accounts, cards, pots, feed, payments };
