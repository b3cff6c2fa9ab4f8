// tls/passphrase.ts: where the passphrase of a key is found. It stands in no option, since options are printed: by `appserve config`, in
// faults, in the list of processes.

export type PassphraseSource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'environment'; readonly name: string };

export const PASSPHRASE_FORMS = 'file:PATH or env:NAME';

/** Nothing for text of another form, such as the passphrase itself. */
export function readPassphraseSource(text: string): PassphraseSource | undefined {
  const [, form, what = ''] = /^(file|env):(.+)$/.exec(text) ?? [];
  if (form === 'file') return { from: 'file', path: what };
  return form === 'env' && /^[A-Za-z_]\w*$/.test(what) ? { from: 'environment', name: what } : undefined;
}
