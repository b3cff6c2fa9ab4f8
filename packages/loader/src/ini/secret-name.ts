// ini/secret-name.ts: what people call secrets, wherever they write them.

const SECRET_NAME = /pass(?:word|wd|phrase)|secret|token|api[._-]?key|private[._-]?key|credential/i;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}
