// completion/bash.ts: for `source <(appserve completion bash)`.

import { choicesOf, offered, quoted, type Completed } from './completed.ts';

export function bash(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name);
  const first = commands.find(({ isDefault }) => isDefault)!.name;
  return `# Completes appserve in bash. Printed by: appserve completion bash
_appserve() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=${first} flags words files named= behind= i
  # bash cuts --flag=value into three words.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]} named=yes; break ;;
    esac
  done
  for ((i++; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} != -* ]] && behind=yes; done
  case $command in
${commands.map(flagsLine).join('\n')}
  esac
  case $command:$prev in
${commands.flatMap(({ name, flags }) => valueLines(name, flags)).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  else
    if [[ $files == behind ]]; then
      files=$behind
      [[ -n $behind ]] && words=
    fi
    [[ -z $named ]] && words="${names.join(' ')}"
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"; [[ -n $files ]] && compgen -f -- "$cur")
  fi
}
complete -o filenames -F _appserve appserve
`;
}

function flagsLine({ name, flags, operands }: Completed): string {
  const words = Object.entries(flags).flatMap(([flag, { short }]) => [
    `--${flag}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  return `    ${name}) flags=${quoted(words.join(' '))} words=${quoted(offered(operands).join(' '))} files=${filesOf(operands)} ;;`;
}

/** What is one of few words is no file; a folder may come behind it. */
function filesOf([first, second]: Completed['operands']): 'yes' | 'behind' | '' {
  if (first?.words === undefined && first?.offers === undefined) return 'yes';
  return second === undefined ? '' : 'behind';
}

function valueLines(command: string, flags: Completed['flags']): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    const choices = choicesOf(flag);
    if (choices === undefined) return [];
    return [`    ${command}:--${name}) mapfile -t COMPREPLY < <(compgen -W ${quoted(choices.join(' '))} -- "$cur"); return ;;`];
  });
}
