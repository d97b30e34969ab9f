// The only place that puts a bpmn-js modeler together: what both dialects share, and the one dialect that the file speaks.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import { CreateAppendAnythingModule, CreateAppendElementTemplatesModule } from 'bpmn-js-create-append-anything';
import MinimapModule from 'diagram-js-minimap';

const DIALECTS = { zeebe: () => import('./modeler-zeebe.js'), camunda: () => import('./modeler-camunda.js') };
const SHARED = [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ElementTemplateChooserModule, CreateAppendAnythingModule, CreateAppendElementTemplatesModule, MinimapModule];

/** A modeler of `dialect` in `container`, its properties in `panel`, with those of the element `templates` that are of its dialect. */
export async function openModeler(container, panel, dialect, templates) {
  const { modules, moddleExtensions, description, ownTemplate } = await DIALECTS[dialect]();
  const modeler = new Modeler({
    container,
    propertiesPanel: { parent: panel, description },
    additionalModules: [...SHARED, ...modules],
    moddleExtensions,
    exporter: { name: 'Ratchet', version: '1' },
  });
  modeler.on('elementTemplates.errors', ({ errors }) => console.warn('element templates', errors.map(each => each.message)));
  modeler.get('elementTemplatesLoader').setTemplates(templates.filter(ownTemplate));
  return modeler;
}
