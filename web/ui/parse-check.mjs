// Does Camunda Modeler's own parser read these files without a word? `node parse-check.mjs FILE.bpmn…` prints each warning and exits 1 on any.
import { readFileSync } from 'node:fs';
import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json' with { type: 'json' };
import { dialectOf } from './dialect.js';

const MODDLES = { zeebe: { zeebe }, camunda: { camunda } };
const files = process.argv.slice(2);
if (!files.length) {
  console.error('usage: node parse-check.mjs FILE.bpmn…');
  process.exit(2);
}
const found = (await Promise.all(files.map(warnings))).flat();
for (const line of found) console.log(line);
process.exitCode = found.length ? 1 : 0;

async function warnings(file) {
  const xml = readFileSync(file, 'utf8');
  const dialect = dialectOf(xml);
  try {
    const read = await new BpmnModdle(MODDLES[dialect]).fromXML(xml);
    return read.warnings.map(({ message }) => `${file} (${dialect}): ${message}`);
  } catch (problem) {
    return [`${file} (${dialect}): ${problem.message}`];
  }
}
