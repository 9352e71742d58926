// Nuxt for Cloudflare, rendered on the server in workerd, and for Node.
const config = (preset) => `export default defineNuxtConfig({
  compatibilityDate: '2026-07-01',
  nitro: { preset: '${preset}', experimental: { wasm: true }, output: { dir: '.output-${preset}' } },
})\n`

export default {
  dependencies: { nuxt: '4.5.2', vue: '3.5.45' },
  files: {
    'app.vue': `<script setup>
import { job } from './job.js'
const { data } = await useAsyncData('job', () => job())
</script>
<template><p>{{ data }}</p></template>\n`,
  },
  async check({ node, write, worker, server, expected }) {
    const build = async (preset) => {
      write('nuxt.config.ts', config(preset))
      await node(['node_modules/nuxt/bin/nuxt.mjs', 'build'])
    }
    await build('node_server')
    const said = await server(['.output-node_server/server/index.mjs'])
    if (!said.includes(expected)) throw new Error(`on Node it says ${said}`)
    await build('cloudflare_module')
    return worker({ main: '.output-cloudflare_module/server/index.mjs', compatibility_flags: ['nodejs_compat'] })
  },
}
