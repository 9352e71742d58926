/** What went wrong with a request, for the one who made it. */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {Record<string, string>} headers - of the response
   */
  constructor(status, message, headers = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** The pieces of a body as they come. A connection that breaks is the sender's mistake, not ours. */
async function* pieces(body) {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        throw new HttpError(400, `the body could not be read to its end (${cause?.message ?? cause})`)
      })
      if (done) return
      yield value
    }
  } finally {
    // Not waited for: there is nothing to be done if even that fails.
    reader.cancel().catch(() => {})
  }
}

/**
 * The body of a request as text, of at most `limit` bytes. What Content-Length says is believed only where it refuses: what is read is
 * counted, so that a body without it, or with a false one, takes no more memory than that.
 */
async function boundedText(request, limit) {
  const tooLarge = () => new HttpError(413, `the body is larger than ${limit} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  if (request.body === null) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let [text, size] = ['', 0]
  for await (const piece of pieces(request.body)) {
    size += piece.byteLength
    if (size > limit) throw tooLarge()
    text += decoded(decoder, piece, true)
  }
  return text + decoded(decoder, new Uint8Array(), false)
}

function decoded(decoder, piece, stream) {
  try {
    return decoder.decode(piece, { stream })
  } catch {
    throw new HttpError(400, 'the body is not UTF-8')
  }
}

/** The body of a request as JSON. @throws HttpError 413 beyond `limit` bytes, 400 if it is no JSON */
export async function readJson(request, limit) {
  const text = await boundedText(request, limit)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new HttpError(400, `the body is not JSON: ${cause.message}`)
  }
}

/** A handler that answers with what `work` returns, as JSON, or with what went wrong; whatever that is, it answers. */
export function jsonHandler(work) {
  return async (request) => {
    try {
      return Response.json(await work(request))
    } catch (error) {
      if (error instanceof HttpError) {
        const { message, status, headers } = error
        return Response.json({ error: message }, { status, headers })
      }
      console.error(error)
      return Response.json({ error: 'internal error' }, { status: 500 })
    }
  }
}
