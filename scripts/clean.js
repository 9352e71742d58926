// Removes the build output: chunks have hashed names, and stale ones would be published.
import { rmSync } from 'node:fs'
import { removeSubpathFolders } from './subpath-folders.js'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
removeSubpathFolders()
