// Angular's builder; what it bundles runs in Node as far as the job, which needs no page.
const version = '22.2.6'

export default {
  dependencies: {
    '@angular/build': '22.2.7',
    '@angular/cli': '22.2.7',
    '@angular/common': version,
    '@angular/compiler': version,
    '@angular/compiler-cli': version,
    '@angular/core': version,
    '@angular/platform-browser': version,
    rxjs: '7.8.2',
    tslib: '2.9.1',
    typescript: '6.0.3',
  },
  files: {
    'angular.json': JSON.stringify({
      version: 1,
      projects: {
        app: {
          projectType: 'application',
          root: '',
          sourceRoot: 'src',
          architect: {
            build: {
              builder: '@angular/build:application',
              options: {
                browser: 'src/main.ts',
                index: false,
                outputPath: 'out',
                tsConfig: 'tsconfig.json',
                outputHashing: 'none',
              },
            },
          },
        },
      },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        module: 'preserve',
        strict: true,
        skipLibCheck: false,
        lib: ['ES2022', 'DOM'],
        types: [],
      },
      files: ['src/main.ts'],
    }),
    'src/main.ts': `import { Component } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { PerfectAlignment, recallAtK, svd, svdAsync } from 'collimate'
import { referenceExperiment } from 'collimate/synthetic'

async function job(): Promise<string> {
  const { modalities } = referenceExperiment({ seed: 1, n: 200, dims: [8, 6], noise: 0.1 })
  const model = PerfectAlignment.fromBytes(new PerfectAlignment({ nComponents: 2 }).fit(modalities).toBytes())
  const [Z1, Z2] = modalities.map((X, m) => model.transform(X, m))
  const recall = recallAtK(Z1, Z2, 10, { metric: 'euclidean' })
  const sigma = svd(modalities[0]).S[1] + (await svdAsync(modalities[1])).S[1]
  return \`collimate \${(recall + sigma).toFixed(6)}\`
}

@Component({ selector: 'app-root', template: '{{ said }}' })
class App {
  said = ''
  constructor() {
    void job().then((said) => (this.said = said))
  }
}

if (typeof document === 'undefined') void job().then((said) => console.log(said))
else void bootstrapApplication(App)
`,
  },
  async check({ node }) {
    await node(['node_modules/@angular/cli/bin/ng.js', 'build'])
    return node(['out/browser/main.js'])
  },
}
