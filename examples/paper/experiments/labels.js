import { CanonicalCorrelation, LeastSquares, Matrix, PerfectAlignment, svdvals } from 'collimate'
import { digits } from '../methods/digits.js'
import { beside, frobenius, mapped, meanRowLength, takeRows } from '../methods/matrices.js'
import { normalStream } from '../methods/random.js'
import { figures, legend, prose, table } from '../report/blocks.js'
import { claim } from '../report/claims.js'
import { number, percent } from '../report/format.js'
import { COLOURS, curves } from '../report/plots.js'

const CLASSES = 10
const K = 9
/** The largest pixel value. */
const SCALES = [6, 3, 1, 0.5, 0.25, 0.1]

export default {
  id: 'labels',
  title: 'Class labels as a modality',
  item: 'Appendix 6.1',
  run({ progress }) {
    const data = halves()
    const scales = SCALES.map((largest, i) => {
      progress(i, SCALES.length)
      const scaled = withLargest(data, largest)
      const labelled = [oneHot(data.trainLabels), scaled.pixels.train]
      const rows = METHODS.map(({ name, make }) => ({ name, ...measure(make(), labelled, scaled) }))
      const views = [data.profiles.train, scaled.pixels.train]
      return {
        largest,
        rows,
        control: sizes(METHODS[0].make().fit(views), views),
        norms: operatorNorms(labelled, data),
      }
    })
    const byScale = Object.fromEntries(scales.map((one) => [one.largest, one]))
    return {
      numbers: { k: K, scales: byScale },
      blocks: [prose(INTRODUCTION), picture(scales), results(byScale), prose(normText(byScale[1].norms))],
      claims: claims(byScale),
    }
  },
}

const INTRODUCTION = `The paper reports, of CIFAR-10 with class labels as the first modality, alignment matrices with values approaching zero. CIFAR-10 is not at hand; here
it is 2000 handwritten digits (UCI Multiple Features, 240 pixels, half of each class for training) with their labels as ten indicator columns, aligned in ${K} dimensions. The
latent of an image is classified by the nearest of the ten labels’ latents. Which of the maps goes to zero turns out to be a matter of units, so the pixels are scaled: from 0 to 6, as the
data set has them, from 0 to 1, as image files are usually read, and less. As a control, Equation 7 also aligns the images with a second real view (216 profile correlations) pair by pair.`

const METHODS = [
  { name: 'Perfect, ‘last’ (Equation 7)', make: () => new PerfectAlignment({ nComponents: K, selection: 'last' }) },
  {
    name: 'Perfect, ‘last’, centred',
    make: () => new PerfectAlignment({ nComponents: K, selection: 'last', center: true }),
  },
  { name: 'Perfect, ‘informative’', make: () => new PerfectAlignment({ nComponents: K, selection: 'informative' }) },
  {
    name: 'Perfect, ‘balanced’',
    make: () => new PerfectAlignment({ nComponents: K, selection: 'balanced', scale: false }),
  },
  {
    name: 'Canonical correlation (OAS)',
    make: () => new CanonicalCorrelation({ nComponents: K, regularization: 'oas', scale: false }),
  },
  { name: 'Least squares, labels on images', make: () => new LeastSquares({ target: 0, ridge: 100, scale: false }) },
]

/** The first half of each digit is for training, the second for testing. */
function halves() {
  const { pixels, profiles, labels } = digits()
  const half = (second) => Array.from(labels.keys()).filter((row) => row % 200 >= 100 === second)
  const split = (x) => ({ train: takeRows(x, half(false)), test: takeRows(x, half(true)) })
  return {
    pixels: split(pixels),
    profiles: split(profiles),
    trainLabels: half(false).map((row) => labels[row]),
    testLabels: half(true).map((row) => labels[row]),
  }
}

/** The data with pixels from 0 to `largest` instead of 6. */
function withLargest(data, largest) {
  const scale = (x) => mapped(x, (v) => (v * largest) / 6)
  const { train, test } = data.pixels
  return { ...data, pixels: { train: scale(train), test: scale(test) } }
}

function oneHot(labels) {
  const x = new Matrix(labels.length, CLASSES)
  labels.forEach((label, i) => x.set(i, label, 1))
  return x
}

/** How much of the unit rows of [A1, A2] falls to either map, and how large the latents are beside the data. */
function sizes(model, [first, second]) {
  const [norm1, norm2] = model.maps.map(frobenius)
  return {
    share1: norm1 ** 2 / (norm1 ** 2 + norm2 ** 2),
    share2: norm2 ** 2 / (norm1 ** 2 + norm2 ** 2),
    latent1: meanRowLength(model.transform(first, 0)) / meanRowLength(first),
    latent2: meanRowLength(model.transform(second, 1)) / meanRowLength(second),
  }
}

function measure(model, modalities, { pixels, testLabels }) {
  model.fit(modalities)
  const prototypes = model.transform(oneHot(Array.from({ length: CLASSES }, (_, c) => c)), 0)
  const latents = model.transform(pixels.test, 1)
  const nearest = (z) => {
    const distances = Array.from({ length: CLASSES }, (_, c) =>
      Math.hypot(...z.map((v, j) => v - prototypes.get(c, j))),
    )
    return distances.indexOf(Math.min(...distances))
  }
  const right = testLabels.filter((label, i) => nearest(Array.from(latents.row(i))) === label).length
  return { ...sizes(model, modalities), accuracy: right / testLabels.length }
}

/** The largest singular value of the stack, and of one whose label rows are all different but as large in all. */
function operatorNorms([labels, pixels], { trainLabels }) {
  const random = normalStream('labels')
  const different = mapped(labels, (v) => v + 0.5 * random())
  const scale = frobenius(labels) / frobenius(different)
  const distinct = mapped(different, (v) => v * scale)
  const norm = (first) => svdvals(beside([first, pixels], [1, -1]))[0]
  return { samples: trainLabels.length, redundant: norm(labels), distinct: norm(distinct) }
}

const normText = ({ redundant, distinct }) =>
  `The paper’s explanation is that redundant vectors diminish the operator norm of the stacked X. Measured (pixels 0 to 1), ‖X‖₂ is ${number(redundant, 5)} with the labels, and ${number(distinct, 5)} when every sample gets
a label vector of its own of the same size: no difference worth the name. Equation 7 takes the directions in which the stack is smallest. Where pixels are small beside the labels there are enough of those among pixels that hardly vary, and
the labels’ map fades; where pixels are large the labels are the small directions, and the images’ map fades. The rows of [A⁽¹⁾ A⁽²⁾] have unit length, so both cannot.`

function picture(scales) {
  const methods = [0, 3, 4]
  const colours = [COLOURS[0], COLOURS[1], COLOURS[2]]
  const points = (value) => scales.map((one) => ({ x: one.largest, median: value(one) }))
  const panel = (title, y, value, domainY) => ({
    title,
    svg: curves({
      series: methods.map((m, i) => ({ colour: colours[i], points: points(({ rows }) => value(rows[m])) })),
      x: 'largest pixel value',
      y,
      logX: true,
      domainY,
      ticksX: 4,
    }),
  })
  return figures({
    caption: 'The same images and labels in other units.',
    legend: legend(methods.map((m, i) => ({ name: METHODS[m].name, colour: colours[i] }))),
    least: 340,
    panels: [
      panel('Share of the maps’ norm that is the labels’', 'share of ‖[A⁽¹⁾ A⁽²⁾]‖²', ({ share1 }) => share1, [0, 1]),
      panel('Held-out images classified', 'accuracy', ({ accuracy }) => accuracy, [0, 1]),
    ],
  })
}

function results(byScale) {
  const cells = (s) => [percent(s.share1, 2), percent(s.share2, 2), number(s.latent1, 2), number(s.latent2, 2)]
  const block = (largest) => {
    const { rows, control } = byScale[largest]
    return [
      { group: `Pixels from 0 to ${largest}` },
      ...rows.map(({ name, accuracy, ...own }) => [name, ...cells(own), percent(accuracy)]),
      ['Equation 7, images and profiles', ...cells(control), ''],
    ]
  }
  return table({
    caption:
      'Share of ‖[A⁽¹⁾ A⁽²⁾]‖² in either map, mean length of the latents relative to that of the data, and accuracy on 1000 held-out images (chance 10 %).',
    columns: ['', '‖A⁽¹⁾‖², labels', '‖A⁽²⁾‖², images', 'latents of labels', 'latents of images', 'accuracy'],
    rows: [...block(6), ...block(1)],
  })
}

function claims(byScale) {
  const [large, unit, small] = [6, 1, 0.1].map((largest) => byScale[largest].rows[0])
  const balanced = [6, 1, 0.1].map((largest) => byScale[largest].rows[3].accuracy)
  const { redundant, distinct } = byScale[1].norms
  const shares = ({ share1, share2 }) =>
    `${percent(share1, 2)} of the norm is the labels’, ${percent(share2, 2)} the images’`
  return [
    claim({
      says: 'With class labels as the first modality the alignment matrices have values approaching zero.',
      where: 'Appendix 6.1',
      tests: [
        {
          test: 'pixels 0 to 0.1: one of the maps has less than 1 % of the norm',
          measured: shares(small),
          holds: Math.min(small.share1, small.share2) < 0.01,
        },
        { test: 'pixels 0 to 1: the same', measured: shares(unit), holds: Math.min(unit.share1, unit.share2) < 0.01 },
        {
          test: 'pixels 0 to 6: the same',
          measured: shares(large),
          holds: Math.min(large.share1, large.share2) < 0.01,
        },
        {
          test: 'pixels 0 to 1: images’ latents are less than 5 % of the images in length',
          measured: percent(unit.latent2),
          holds: unit.latent2 < 0.05,
        },
      ],
      remark: `A collapse there is, gradual and set by the units: images are classified with ${percent(large.accuracy)}, ${percent(unit.accuracy)} and ${percent(small.accuracy)} accuracy at the three scales, against ${balanced.map((v) => percent(v)).join(', ')} for ‘balanced’, which has no
units. With the 3072 pixels of CIFAR-10 an entry of a unit row is 0.018 in the mean square whatever the data, which alone looks like values near zero.`,
    }),
    claim({
      says: 'Redundancy in X⁽¹⁾ results in a stacked matrix X with diminished operator norm.',
      where: 'Appendix 6.1',
      tests: [
        {
          test: '‖X‖₂ is at least 5 % smaller than with distinct vectors of the same size',
          measured: `${number(redundant, 5)} against ${number(distinct, 5)}`,
          holds: redundant < 0.95 * distinct,
        },
      ],
    }),
    claim({
      says: 'Where one instance corresponds to many, learned approximate or correlation-based approaches may be more appropriate.',
      where: 'Section 5, Appendix 6.1',
      tests: [
        {
          test: 'canonical correlation classifies held-out images better than Equation 7 at every scale',
          measured: [6, 1, 0.1]
            .map((s) => `${percent(byScale[s].rows[4].accuracy)} against ${percent(byScale[s].rows[0].accuracy)}`)
            .join(', '),
          holds: Object.values(byScale).every(({ rows }) => rows[4].accuracy > rows[0].accuracy),
        },
      ],
    }),
  ]
}
