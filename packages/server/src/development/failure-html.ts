// development/failure-html.ts: a failure for a browser: one page without anything from outside, dark or light as the browser likes. Pure.

import type { Failure, Problem, Shown } from './failure.ts';

export interface PageFacts {
  /** Of the Content-Security-Policy: nothing else on the page is run, whatever stands in a message. */
  readonly nonce: string;
  /** Where the page waits for the next code; nothing where asking again would do something twice, such as a POST. */
  readonly waitAt: string | undefined;
}

export function policyOf({ nonce }: PageFacts): string {
  return `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`;
}

export function failurePage({ heading, problems }: Failure, facts: PageFacts): string {
  const { nonce, waitAt } = facts;
  const waiting =
    waitAt === undefined
      ? 'Mend it, and send the request again.'
      : 'Mend it, and save: this page shows what comes of it by itself.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(heading)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
${problems.map(section).join('\n')}
<p class="dim">${waiting}</p>
</main>${waitAt === undefined ? '' : `\n<script nonce="${nonce}">${script(waitAt)}</script>`}
</body>
</html>
`;
}

function section({ message, at, hint, askedBy, frames, causes }: Problem): string {
  const list = (items: readonly string[], lead: string): string =>
    items.length === 0 ? '' : `<ul class="dim">${items.map((item) => `<li>${lead}${escaped(item)}</li>`).join('')}</ul>`;
  return `<section>
<h2>${escaped(message)}</h2>
${at === undefined ? '' : `<p class="place">${escaped(`${at.file}:${at.line}:${at.column}`)}</p>${excerpt(at)}`}
${hint === undefined ? '' : `<p class="hint">${escaped(hint)}</p>`}
${list(causes, 'caused by ')}${list(frames, '')}${list(askedBy, 'asked for by ')}
</section>`;
}

function excerpt({ lines, column, length }: Shown): string {
  if (lines.length === 0) return '';
  const drawn = lines.map(({ number, text, isMeant }) => {
    const label = `<span class="dim">${String(number).padStart(5)} </span>`;
    if (!isMeant) return `${label}${escaped(text)}\n`;
    const [before, meant, after] = [
      text.slice(0, column - 1),
      text.slice(column - 1, column - 1 + length),
      text.slice(column - 1 + length),
    ];
    return `<b>${label}${escaped(before)}<mark>${escaped(meant === '' ? ' ' : meant)}</mark>${escaped(after)}</b>\n`;
  });
  return `<pre>${drawn.join('')}</pre>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** The request is answered when the workers go, and the next one waits until those who come are ready. */
function script(waitAt: string): string {
  return `
(async () => {
  for (;;) {
    try {
      const { status } = await fetch(${JSON.stringify(waitAt)}, { cache: 'no-store' });
      if (status !== 204) return location.reload();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
})();
`;
}

const STYLE = `
:root { color-scheme: light dark; --bad: #b3261e; --dim: #5f6368; --back: #ffffff; --sheet: #f4f4f5; --text: #1b1b1f; --mark: #ffd9d6; }
@media (prefers-color-scheme: dark) {
  :root { --bad: #ff8a80; --dim: #a0a4a9; --back: #17181c; --sheet: #23252b; --text: #e8e8ea; --mark: #7a2b27; }
}
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { color: var(--bad); font-size: 1.25rem; margin: 0 0 1.5rem; }
h2 { font: 600 1rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 0 .5rem; }
section { margin-bottom: 2rem; }
.place { font-family: ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.hint { font-weight: 600; }
pre { background: var(--sheet); padding: .75rem; border-radius: .5rem; overflow-x: auto; font: 14px/1.5 ui-monospace, monospace; tab-size: 4; }
pre b { font-weight: inherit; }
mark { background: var(--mark); color: inherit; border-bottom: 2px solid var(--bad); }
ul { list-style: none; padding: 0; margin: .5rem 0; font: 14px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
`;
