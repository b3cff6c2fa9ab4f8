// completion/zsh.ts: for `source <(appserve completion zsh)`, or a file _appserve in a folder of $fpath.

import type { Flag } from '../flags.ts';
import { choicesOf, firstSentence, offered, quoted, takesFile, type Completed } from './completed.ts';

export function zsh(commands: readonly Completed[]): string {
  const first = commands.find(({ isDefault }) => isDefault)!.name;
  const names = commands.map(({ name }) => name);
  return `#compdef appserve
# Completes appserve in zsh. Printed by: appserve completion zsh
_appserve_words() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${firstSentence(summary)}`)}`).join('\n')}
  )
  (( $named )) || _describe command commands
  (( $#known )) && compadd -a known
  _files
}
_appserve() {
  local command=${first} word
  integer named=0
  local -a flags known
  for word in \${words[2,CURRENT-1]}; do
    case $word in
      ${names.join('|')}) command=$word named=1; break ;;
    esac
  done
  case $command in
${commands.map(caseOf).join('\n')}
  esac
  _arguments -s $flags '*: :_appserve_words'
}
compdef _appserve appserve
`;
}

function caseOf({ name, flags, operands }: Completed): string {
  const known = offered(operands);
  const specs = Object.entries(flags).flatMap(([flag, row]) => specsOf(flag, row));
  return [
    `    ${name})`,
    `      known=(${known.join(' ')})`,
    '      flags=(',
    ...specs.map((spec) => `        ${spec}`),
    '      ) ;;',
  ].join('\n');
}

/** `--flag=[what it is for]:value:(words)`. */
function specsOf(name: string, flag: Flag): string[] {
  const doc = firstSentence(flag.doc).replaceAll(/[[\]\\]/g, String.raw`\$&`);
  const many = flag.isMany === true ? '*' : '';
  if (flag.type === 'boolean')
    return [`--${name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])].map((word) => quoted(`${word}[${doc}]`));
  const choices = choicesOf(flag);
  const action = choices === undefined ? (takesFile(flag) ? '_files' : ' ') : `(${choices.join(' ')})`;
  const value = (flag.value ?? 'value').replaceAll(/[:\\]/g, String.raw`\$&`);
  return [`--${name}=`, ...(flag.short === undefined ? [] : [`-${flag.short}+`])].map((word) =>
    quoted(`${many}${word}[${doc}]:${value}:${action}`),
  );
}
