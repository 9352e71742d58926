import { figures, legend } from './blocks.js'
import { COLOURS, QUIET, scatter } from './plots.js'

/** Samples drawn: more would cover each other. */
export const SHOWN_ROWS = 300

const AXES = { x: 'first coordinate', y: 'second coordinate' }

/**
 * The latent, the observed and the recovered space of two classes side by side, both modalities overlaid.
 *
 * @param {ReturnType<typeof import('../methods/recovered-space.js').withRecovered>} spaces of two coordinates each
 * @param {{ caption: string, classes: [string, string], titles: [string, string, string] }} texts
 */
export function spacesFigure({ Z, labels, modalities, recovered }, { caption, classes, titles }) {
  const panels = [[Z], modalities, recovered].map((spaces, i) => ({
    title: titles[i],
    svg: scatter({ points: pointsOf(spaces, labels), ...AXES }),
  }))
  return figures({
    caption,
    legend: legend([
      ...classes.map((name, i) => ({ name, colour: COLOURS[i], kind: 'area' })),
      { name: 'first modality', colour: QUIET, kind: 'dot' },
      { name: 'second modality', colour: QUIET, kind: 'cross' },
    ]),
    panels,
  })
}

function pointsOf(spaces, labels) {
  return spaces.flatMap((space, modality) =>
    Array.from({ length: SHOWN_ROWS }, (_, i) => ({
      x: space.get(i, 0),
      y: space.get(i, 1),
      group: labels[i],
      modality,
    })),
  )
}
