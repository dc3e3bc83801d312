import { labStatus } from '../../lab/index.ts';
import { expectInside } from './inside-lab.ts';

/** Five of the lab's nine members of etcd, for a test that takes the quorum away. */
export interface Quorum {
  /** Terminates them. Their groups launch nothing in their place. */
  take(): Promise<void>;
  /** Lets their groups launch again. */
  giveBack(): Promise<void>;
}

/** From here on the lab launches nothing for five members: without them there is no quorum. */
export async function quorumToLose(lab: string): Promise<Quorum> {
  const members = (await labStatus(lab)).members.slice(0, 5);
  const aws = async (...args: string[]): Promise<void> => void (await expectInside(lab, 'aws', ...args));
  const launches = async (verb: 'suspend' | 'resume'): Promise<void> => {
    for (const { name } of members) {
      await aws('autoscaling', `${verb}-processes`, '--auto-scaling-group-name', `${name}.etcd3.eu-west-1.i.lab.example.com`, '--scaling-processes', 'Launch');
    }
  };
  await launches('suspend');
  return {
    take: () => aws('ec2', 'terminate-instances', '--instance-ids', ...members.map(({ instanceId }) => instanceId!)),
    giveBack: () => launches('resume'),
  };
}
