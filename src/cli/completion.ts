import { Argument, type Command } from 'commander'
import type { Context } from './context.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

const DETAILS = `
What is printed knows the commands, their options and the files that each takes.

Once, in the file that the shell reads when it starts:
  bash  ~/.bashrc                   source <(collimate completion bash)
  zsh   ~/.zshrc, after compinit    source <(collimate completion zsh)
  fish  ~/.config/fish/config.fish  collimate completion fish | source`

/** Adds `collimate completion`. */
export function addCompletion(program: Command, context: Context): void {
  program
    .command('completion')
    .summary('print what makes a shell complete command lines')
    .description('Print a script by which a shell completes the commands, options and files of collimate.')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', DETAILS)
    .action(async (shell: Shell) => {
      const { bashScript, fishScript, zshScript } = await import('./completion-scripts.js')
      const { commandTables } = await import('./completion-tables.js')
      const script = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]
      context.stdout.write(script(commandTables(program)))
    })
}
