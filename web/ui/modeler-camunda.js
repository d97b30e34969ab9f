// The Camunda-7 dialect of the modeler. One modeler speaks one dialect: the two moddles cannot be loaded together.
import { CamundaPlatformPropertiesProviderModule, CamundaPlatformTooltipProvider } from 'bpmn-js-properties-panel';
import { ElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import behaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';

export const modules = [CamundaPlatformPropertiesProviderModule, ElementTemplatesPropertiesProviderModule, behaviors];
export const moddleExtensions = { camunda };
export const description = CamundaPlatformTooltipProvider;
export const ownTemplate = template => !(template.$schema?.includes('zeebe-element-templates') ?? false);
