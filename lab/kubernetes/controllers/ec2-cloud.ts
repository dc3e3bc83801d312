import { allTexts, apiVersions, query, QueryError, type QueryApi } from '../../query.ts';
import type { Cloud } from './context.ts';

/**
 * Asks EC2 about the machines of nodes, as the AWS cloud provider does: gone is what is terminated, or not known any more.
 *
 * @param region whose endpoint is asked
 */
export function ec2Cloud(region: string): Cloud {
  const ec2: QueryApi = { endpoint: `http://ec2.${region}.amazonaws.com`, service: 'ec2', version: apiVersions.ec2, region };
  return {
    async instanceState(providerId) {
      const instanceId = instanceIdOf(providerId);
      try {
        const xml = await query(ec2, 'DescribeInstances', { 'InstanceId.1': instanceId });
        const state = /<instanceState>(.*?)<\/instanceState>/s.exec(xml)?.[1] ?? '';
        return allTexts(state, 'name')[0] === 'terminated' ? 'gone' : 'there';
      } catch (error) {
        if (error instanceof QueryError && error.code === 'InvalidInstanceID.NotFound') return 'gone';
        throw error;
      }
    },
  };
}

/** `aws:///eu-west-1a/i-0123456789abcdef0` → `i-0123456789abcdef0`. */
function instanceIdOf(providerId: string): string {
  return providerId.slice(providerId.lastIndexOf('/') + 1);
}
