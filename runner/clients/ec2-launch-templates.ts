import { filtersOf, tagSpecification, tagsOf, type Ec2Connection, type FilterMap, type Tags } from './ec2-connection.ts';

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly tags: Tags;
}

/** What a launch needs at the least. */
export interface LaunchBasics {
  readonly image: string | undefined;
  readonly instanceType: string | undefined;
}

export interface Ec2LaunchTemplates {
  launchTemplates(filters: FilterMap, signal?: AbortSignal): Promise<LaunchTemplate[]>;
  launchBasics(template: string, version: string, signal?: AbortSignal): Promise<LaunchBasics>;
  /** A template whose every launch fails: it bids a price for which there is no spot instance. */
  createHopelessTemplate(template: { name: string; basics: LaunchBasics; tags: Tags }, signal?: AbortSignal): Promise<string>;
  deleteLaunchTemplate(template: string, signal?: AbortSignal): Promise<void>;
}

const pageSize = 200;
/** US dollars an hour; the lowest price that spot instances ever have is higher. */
const hopelessPrice = '0.0001';

export function launchTemplateCalls({ sdk, client, call }: Ec2Connection): Ec2LaunchTemplates {
  return {
    launchTemplates: (filters, signal) =>
      call('DescribeLaunchTemplates', signal, async (options) => {
        const found: LaunchTemplate[] = [];
        for await (const page of sdk.paginateDescribeLaunchTemplates({ client, pageSize }, filtersOf(filters), options)) {
          for (const { LaunchTemplateId = '', LaunchTemplateName = '', Tags } of page.LaunchTemplates ?? []) {
            found.push({ id: LaunchTemplateId, name: LaunchTemplateName, tags: tagsOf(Tags) });
          }
        }
        return found;
      }),
    launchBasics: (template, version, signal) =>
      call('DescribeLaunchTemplateVersions', signal, async (options) => {
        const command = new sdk.DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template, Versions: [version] });
        const data = (await client.send(command, options)).LaunchTemplateVersions?.[0]?.LaunchTemplateData;
        return { image: data?.ImageId, instanceType: data?.InstanceType };
      }),
    createHopelessTemplate: ({ name, basics, tags }, signal) =>
      call('CreateLaunchTemplate', signal, async (options) => {
        const command = new sdk.CreateLaunchTemplateCommand({
          LaunchTemplateName: name,
          VersionDescription: 'made by firedrill: every launch fails',
          LaunchTemplateData: {
            ...(basics.image === undefined ? {} : { ImageId: basics.image }),
            ...(basics.instanceType === undefined ? {} : { InstanceType: basics.instanceType as never }),
            InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: hopelessPrice, SpotInstanceType: 'one-time' } },
          },
          TagSpecifications: tagSpecification('launch-template', tags),
        });
        return (await client.send(command, options)).LaunchTemplate?.LaunchTemplateId ?? '';
      }),
    deleteLaunchTemplate: (template, signal) =>
      call('DeleteLaunchTemplate', signal, async (options) => {
        await client.send(new sdk.DeleteLaunchTemplateCommand({ LaunchTemplateId: template }), options);
      }),
  };
}
