// The settings of a project: the exports of a module that an environment variable names, over the defaults of the framework.

const DEFAULTS = { DEBUG: false, ALLOWED_HOSTS: [], MIDDLEWARE: [], APPEND_SLASH: true };

/** `mysite.settings` is mysite/settings.js, beside the framework. */
export async function importDotted(name) {
  return import(new URL(`../${name.replaceAll('.', '/')}.js`, import.meta.url));
}

export async function loadSettings() {
  const name = process.env.DJANGO_SETTINGS_MODULE;
  if (name === undefined) throw new Error('set DJANGO_SETTINGS_MODULE to the name of a module, such as mysite.settings');
  const settings = { ...DEFAULTS, ...(await importDotted(name)) };
  if (settings.ROOT_URLCONF === undefined) throw new Error(`${name} has no ROOT_URLCONF`);
  return settings;
}
