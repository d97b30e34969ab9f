// The only place that bundles the browser sources: entries -> ../static/dist, with .gz beside each and the licences of what went in.
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'static', 'dist'), next = `${dist}.next`;   // what was built before stays until the new one is whole
const COMPRESSED = /\.(js|css|svg|txt)$/;

rmSync(next, { recursive: true, force: true });
const { metafile, warnings } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ['base.css', 'list.js', 'form.js', 'sign.js', 'instance.js', 'modeler.js'],
  outdir: next,
  bundle: true, minify: true, splitting: true, format: 'esm', target: ['es2022'],
  entryNames: '[name]', chunkNames: 'chunk-[hash]', assetNames: 'asset-[hash]',
  loader: { '.svg': 'dataurl', '.png': 'dataurl', '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file' },
  legalComments: 'none',   // the licences are written in full below
  metafile: true, logLevel: 'warning',
});
if (warnings.length) throw new Error(`${warnings.length} warnings, above; the bundle must have none`);
writeFileSync(join(next, 'THIRD-PARTY.txt'), licences(Object.keys(metafile.inputs)));
for (const name of readdirSync(next).filter(n => COMPRESSED.test(n))) {
  writeFileSync(join(next, `${name}.gz`), gzipSync(readFileSync(join(next, name)), { level: constants.Z_BEST_COMPRESSION }));
}
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);

/** The licence text of every package that has a file in the bundle, by name. */
function licences(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter(Boolean));
  const parts = [...folders].sort().map(folder => {
    const about = JSON.parse(readFileSync(join(here, folder, 'package.json'), 'utf8'));
    return `${'='.repeat(80)}\n${about.name} ${about.version} (${about.license ?? 'see below'})\n${'='.repeat(80)}\n\n${licenceText(folder, about)}`;
  });
  return `What the browser bundle of Ratchet is made of, and under which licences.\n\n${parts.join('\n\n')}\n`;
}

function packageFolder(input) {
  return input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1];
}

function licenceText(folder, about) {
  const file = readdirSync(join(here, folder)).find(n => /^(licen[cs]e|copying)/i.test(n));
  if (file) return readFileSync(join(here, folder, file), 'utf8').trim();
  if (about.license) return `The package carries no licence file; its package.json says: ${about.license}`;
  throw new Error(`${about.name}: no licence file and no licence in its package.json; do not ship it`);
}
