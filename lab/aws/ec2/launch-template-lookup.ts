import type { Cloud } from '../cloud.ts';
import { checkId } from '../ids.ts';
import { AwsError } from '../protocol/errors.ts';
import type { LaunchData, LaunchTemplate, LaunchTemplateVersion } from '../state.ts';

/** The template with this id or name; one of them must be given, not both. Throws EC2's errors. */
export function templateNamed(cloud: Cloud, id: string | undefined, name: string | undefined): LaunchTemplate {
  if ((id === undefined) === (name === undefined)) {
    throw new AwsError('MissingParameter', 'You must specify either launch template id or launch template name.');
  }
  if (id !== undefined) {
    checkId('lt', id);
    const template = cloud.state.launchTemplates.get(id);
    if (template !== undefined) return template;
    throw new AwsError(
      'InvalidLaunchTemplateId.NotFound',
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  for (const template of cloud.state.launchTemplates.values()) if (template.name === name) return template;
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** A version by its number, `$Latest` or `$Default`. */
export function templateVersion(template: LaunchTemplate, version: string): LaunchTemplateVersion {
  const wanted =
    version === '$Default'
      ? template.defaultVersion
      : version === '$Latest'
        ? template.versions.at(-1)?.number
        : Number(version);
  const found = template.versions.find((each) => each.number === wanted);
  if (found !== undefined) return found;
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find launch template version ${version} of ${template.id}`,
  );
}

export const templateData = (template: LaunchTemplate, version: string): LaunchData =>
  templateVersion(template, version).data;
