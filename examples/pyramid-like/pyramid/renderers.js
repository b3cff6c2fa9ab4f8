// Renderers make a response of what a view returns.

import { readFile } from 'node:fs/promises';

export function json() {
  return (value) => ({ type: 'application/json', text: `${JSON.stringify(value)}\n` });
}

export function string() {
  return (value) => ({ type: 'text/plain; charset=utf-8', text: `${value}\n` });
}

/** Texts with `${name}` in them. They are read once, or each time: `pyramid.reload_templates`. */
export function templates({ isReloaded }) {
  return (url) => {
    let kept;
    return async (value) => {
      const template = (isReloaded ? undefined : kept) ?? (await readFile(url, 'utf8'));
      kept = template;
      return { type: 'text/plain; charset=utf-8', text: template.replaceAll(/\$\{(\w+)\}/g, (_, name) => value[name]) };
    };
  };
}
