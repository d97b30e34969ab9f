// The Camunda-8 dialect of the modeler. One modeler speaks one dialect: the two moddles cannot be loaded together.
import { ZeebePropertiesProviderModule, ZeebeTooltipProvider } from 'bpmn-js-properties-panel';
import { CloudElementTemplatesPropertiesProviderModule } from 'bpmn-js-element-templates';
import behaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';

export const modules = [ZeebePropertiesProviderModule, CloudElementTemplatesPropertiesProviderModule, behaviors];
export const moddleExtensions = { zeebe };
export const description = ZeebeTooltipProvider;
export const ownTemplate = template => template.$schema?.includes('zeebe-element-templates') ?? false;
