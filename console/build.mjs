// Builds dist: one style sheet, the script of every page, one script for each file of src/bundles
// that only some pages load, htmx as it was released, fonts, icons, a manifest.
//
//   node build.mjs [FOLDER]
//
// The same sources give the same bytes. Names carry a hash of the content, so that browsers may
// keep a file for ever; the server finds today's names in manifest.json.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const HERE = dirname(fileURLToPath(import.meta.url))
const OUT = resolve(process.argv[2] ?? join(HERE, 'dist'))
const require = createRequire(import.meta.url)

const FONTS = ['atkinson-hyperlegible-next', 'atkinson-hyperlegible-mono']

const manifest = {}

/** Writes a file under its name with a hash in it. */
function emit(name, content) {
  const bytes = Buffer.from(content)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const [stem, ending] = name.split(/\.(?=[^.]+$)/)
  manifest[name] = `${stem}-${hash}.${ending}`
  writeFileSync(join(OUT, manifest[name]), bytes)
  return manifest[name]
}

/** The package's latin subset: the one that the console's own words need. */
function font(name) {
  return readFileSync(join(HERE, `node_modules/@fontsource-variable/${name}/files/${name}-latin-wght-normal.woff2`))
}

/** One symbol for each drawing; the drawings are ours. */
function sprite() {
  const files = readdirSync(join(HERE, 'src/icons')).filter((it) => it.endsWith('.svg')).sort()
  const symbols = files.map((file) => {
    const inside = readFileSync(join(HERE, 'src/icons', file), 'utf8').replace(/<\/?svg[^>]*>/g, '').trim()
    return `<symbol id="${file.slice(0, -4)}" viewBox="0 0 16 16">${inside}</symbol>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`
}

const options = { bundle: true, minify: true, write: false, legalComments: 'none', charset: 'utf8' }

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })

for (const name of FONTS) emit(`${name}.woff2`, font(name))
emit('icons.svg', sprite())
emit('door.svg', readFileSync(join(HERE, 'src/door.svg')))
emit('htmx.js', readFileSync(require.resolve('htmx.org/dist/htmx.min.js')).toString().replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n'))

const style = await build({
  ...options,
  entryPoints: [join(HERE, 'src/styles/console.css')],
  external: ['*.woff2'],
  target: ['chrome123', 'firefox128', 'safari17.5'],
})
emit('console.css', FONTS.reduce(
  (css, name) => css.replaceAll(`./${name}.woff2`, `./${manifest[`${name}.woff2`]}`),
  style.outputFiles[0].text,
))

/** A script with all that it imports. */
async function script(name, entry) {
  const built = await build({ ...options, entryPoints: [entry], format: 'iife', target: 'es2022' })
  emit(name, built.outputFiles[0].text)
}

await script('console.js', join(HERE, 'src/console.ts'))
const bundles = join(HERE, 'src/bundles')
for (const file of existsSync(bundles) ? readdirSync(bundles).sort() : []) {
  await script(file.replace(/\.ts$/, '.js'), join(bundles, file))
}

writeFileSync(join(OUT, 'OFL.txt'), readFileSync(join(HERE, 'src/fonts/OFL.txt')))
writeFileSync(join(OUT, 'CODEMIRROR-LICENSE.txt'), readFileSync(join(HERE, 'node_modules/@codemirror/state/LICENSE')))
writeFileSync(join(OUT, 'UPLOT-LICENSE.txt'), readFileSync(join(HERE, 'node_modules/uplot/LICENSE')))
writeFileSync(join(OUT, 'HTMX-LICENSE.txt'), readFileSync(join(HERE, 'node_modules/htmx.org/LICENSE')))
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => a.localeCompare(b)))
writeFileSync(join(OUT, 'manifest.json'), `${JSON.stringify(sorted, null, 2)}\n`)
