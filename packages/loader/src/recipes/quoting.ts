// recipes/quoting.ts: a text that a recipe puts in itself, such as the path of a folder, as each language reads it again. What people
// write for one of these languages, such as `app.NAME` or `location-additional`, is theirs, and goes there as it is.

/** A value of an ini, where %(name)s means something. */
export function inIni(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A string of Python; raw, as Plone's recipe writes it, where that can be. */
export function inPython(text: string): string {
  return /['\\\n]/.test(text) ? `'${text.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'` : `r'${text}'`;
}

/** A parameter of a directive. Source: ngx_conf_read_token. */
export function inNginx(text: string): string {
  return /^[^\s"'\\;{}#$]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** For a POSIX shell: all is itself between single quotes but these. */
export function inShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Where systemd replaces % and reads up to the end of the line. Source: systemd.unit(5), specifiers. */
export function inUnit(text: string): string {
  return text.replaceAll('%', '%%');
}

/** In a command it replaces $ too, and parts words. Source: systemd.service(5), command lines. */
export function inUnitCommand(text: string): string {
  const escaped = inUnit(text).replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(escaped) ? `"${escaped.replaceAll(/["\\]/g, '\\$&')}"` : escaped;
}
