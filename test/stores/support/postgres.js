// A PostgreSQL server for a test, and a client of its own beside the command's.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

const script = fileURLToPath(new URL('server.js', import.meta.url))

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

/** Starts a server, or takes the one whose address is in COLLIMATE_POSTGRES. */
export async function startPostgres() {
  const given = process.env.COLLIMATE_POSTGRES
  const { address, stop } = given === undefined ? await ownServer() : { address: given, stop: () => undefined }
  return {
    address,
    stop,
    /** Runs statements on a connection of its own: a server with few of them has it back. */
    async sql(text, values) {
      const client = new pg.Client({ connectionString: address })
      await client.connect()
      try {
        const { rows } = await client.query(text, values)
        return rows
      } finally {
        await client.end()
      }
    },
  }
}

async function ownServer() {
  const port = await freePort()
  const child = spawn(process.execPath, [script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { address: `postgres://postgres:secret@127.0.0.1:${port}/postgres`, stop: () => child.kill() }
}
