// Node with require.
const { readFileSync } = require('node:fs')

const load = () => ({
  ...require('collimate'),
  ...require('collimate/io'),
  ...require('collimate/synthetic'),
  ...require('collimate/metrics'),
  ...require('collimate/model-selection'),
  ...require('collimate/features'),
  ...require('collimate/migration'),
  serve: require('collimate/serve'),
})

import('./conformance.js')
  .then(({ conformance }) => conformance(load, JSON.parse(readFileSync(process.argv[2], 'utf8'))))
  .then((outcome) => console.log(JSON.stringify(outcome)))
