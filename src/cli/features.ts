import { Option } from 'commander'
import type { FeaturesOption } from '../align/model/features.js'
import { fourierFeatures, nystroemFeatures, registerFeatures } from '../features/index.js'
import { InputError } from './errors.js'

registerFeatures()

const RECIPES = { fourier: fourierFeatures, nystroem: nystroemFeatures } as const

/** What of each recipe may be given, for a help text. */
export const FEATURES_HELP = `Features, what rows are turned into first, so that what is linear in them need
not be linear in the rows; fitted to the rows of the fit, and kept in the model:
  none
  fourier       the rows, and random cosines of them: dimensions=768, width=4,
                linear=true, orthogonal=true, seed
  nystroem      a kernel of the rows with some of them: kernel=gaussian (or
                polynomial, linear), landmarks=512, width, degree, offset,
                linear=false, seed
One for all files, or one a file with slashes in between: fourier:width=2/none.
Seeds are 0 for the first file, 1 for the next, unless given.`

/** `--features`; with `lists` several times, to try one after the other. */
export function featuresOption(lists: boolean): Option {
  const option = new Option(
    '--features <spec>',
    `what rows are turned into first: none, fourier or nystroem, with :key=value,... behind it, see below${lists ? '; several times: each is tried' : ''}`,
  )
  return lists ? option.argParser((text: string, before?: string[]) => [...(before ?? []), text]) : option
}

/**
 * Feature maps that are yet to be fitted.
 *
 * @param count - of files
 * @throws InputError if that is no description of them
 */
export function readFeatures(text: string, count: number): FeaturesOption {
  const each = text.split('/')
  if (each.length !== 1 && each.length !== count) {
    throw new InputError(`--features ${text} is of ${each.length} files, expected 1 or ${count}`)
  }
  const list = Array.from({ length: count }, (_, m) => readOne(each.length === 1 ? text : each[m], m))
  return list.every((one) => one === null) ? undefined : list
}

function readOne(text: string, seed: number) {
  const [name, ...rest] = text.split(':')
  if (name === 'none' && rest.length === 0) return null
  if (!Object.hasOwn(RECIPES, name)) {
    throw new InputError(`--features must be none, ${Object.keys(RECIPES).join(' or ')}, got '${text}'`)
  }
  const options: Record<string, unknown> = { seed }
  for (const pair of rest.join(':').split(',')) {
    if (pair === '' && rest.length === 0) continue
    const [key, value = '', ...more] = pair.split('=')
    if (!pair.includes('=') || more.length > 0) throw new InputError(`--features ${text}: expected key=value, got '${pair}'`) // prettier-ignore
    options[key] = valueOf(value)
  }
  try {
    return RECIPES[name as keyof typeof RECIPES](options)
  } catch (error) {
    throw new InputError(`--features ${text}: ${(error as Error).message}`, { cause: error })
  }
}

/** A number or a switch where it looks like one. */
function valueOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return text.trim() === '' || Number.isNaN(number) ? text : number
}
