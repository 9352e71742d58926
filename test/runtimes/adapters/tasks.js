/**
 * What the tasks of a page's main thread took while `work` went on, in ms, the longest first: time in which the thread computed, as
 * Chromium itself traces it. Other programs on the machine, which can delay a page for as long as they like, do not change it.
 */
export async function tasksDuring(page, work) {
  await page.tracing.start({ categories: ['toplevel'] })
  await work()
  const { traceEvents } = JSON.parse(Buffer.from(await page.tracing.stop()).toString())
  const thread = ({ pid, tid }) => `${pid} ${tid}`
  const isMain = ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain'
  const mainThreads = new Set(traceEvents.filter(isMain).map(thread))
  const isTask = (event) => event.ph === 'X' && event.name.endsWith('RunTask') && mainThreads.has(thread(event))
  const tasks = traceEvents.filter(isTask).map(({ tdur }) => tdur / 1000)
  return tasks.sort((a, b) => b - a)
}
