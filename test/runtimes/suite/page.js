// A page: gets the input from the server it came from, and gives it the outcome.
const input = async () => (await fetch('/input')).json()
const give = (outcome) => fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) })

/** @param {(input: object) => Promise<object>} run */
export async function report(run) {
  await give(await run(await input()).catch((error) => ({ passed: 0, failed: [`${error}`] })))
}
