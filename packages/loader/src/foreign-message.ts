// foreign-message.ts: what a library says, as our own messages begin: in lower case.

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
