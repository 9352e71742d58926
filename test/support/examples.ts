import * as adapters from '../../src/adapters/index.js'
import * as features from '../../src/features/index.js'
import * as collimate from '../../src/index.js'
import * as migration from '../../src/migration/index.js'
import * as selection from '../../src/model-selection/index.js'
import * as score from '../../src/score/index.js'
import * as serve from '../../src/serve/index.js'
import * as solvers from '../../src/solvers/index.js'
import * as synthetic from '../../src/synthetic/index.js'

const AsyncFunction = (async () => {
  /* only its constructor is wanted */
}).constructor as new (...parameters: string[]) => (...values: unknown[]) => Promise<void>

/** The JavaScript of a text in Markdown. */
export function examplesOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
}

/** Turns the static imports of an example into parameters, and runs it with what its platform has. What it prints, a line each. */
export async function runExample(
  code: string,
  { files, ...platform }: { files?: Record<string, object>; [name: string]: unknown } = {},
): Promise<string[]> {
  const printed: string[] = []
  const modules: Record<string, object> = {
    ...files,
    collimate,
    'collimate/migration': migration,
    'collimate/model-selection': selection,
    'collimate/adapters': adapters,
    'collimate/features': features,
    'collimate/score': score,
    'collimate/serve': serve,
    'collimate/solvers': solvers,
    'collimate/synthetic': synthetic,
  }
  const body = code.replace(/^import (\{.*?\}) from '(.*?)'$/gm, 'const $1 = modules["$2"]')
  const log = (...values: unknown[]) => printed.push(values.join(' '))
  await new AsyncFunction('modules', 'console', ...Object.keys(platform), body)(
    modules,
    { log },
    ...Object.values(platform),
  )
  return printed
}
