// dockerfile.ts: what a Dockerfile says of the container: the last stage of it.

import { DockerfileParser } from 'dockerfile-ast';

export interface DockerImage {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: number;
  readonly stopSignal: string;
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/** `path`: what PATH is in the stage that it begins with. */
export function imageOf(text: string, path: string): DockerImage {
  const file = DockerfileParser.parse(text);
  const instructions = file.getInstructions();
  const last = instructions.findLastIndex((one) => one.getKeyword() === 'FROM');
  const stage = instructions.slice(last);
  const argumentOf = (keyword: string): string => stage.findLast((one) => one.getKeyword() === keyword)!.getArgumentsContent()!;
  const properties = file
    .getENVs()
    .filter((one) => stage.includes(one))
    .flatMap((one) => one.getProperties());
  return {
    env: Object.fromEntries(properties.map((one) => [one.getName(), one.getValue()!.replace('$PATH', path)])),
    workdir: argumentOf('WORKDIR'),
    user: Number(/^(\d+):\1$/.exec(argumentOf('USER'))![1]),
    stopSignal: argumentOf('STOPSIGNAL'),
    command: wordsIn(argumentOf('CMD')),
    health: wordsIn(argumentOf('HEALTHCHECK')),
  };
}

/** The list in brackets, which is JSON: no shell is asked. */
function wordsIn(text: string): readonly string[] {
  const [list] = /\[.*\]$/s.exec(text)!;
  return JSON.parse(list) as string[];
}
