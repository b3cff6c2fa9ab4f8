// For developers: what the ini says about the framework.

export function includeMe(config) {
  const lines = Object.entries(config.settings)
    .filter(([name]) => /^(?:pyramid|retry)\./.test(name))
    .map(([name, value]) => `${name} = ${value.trim().replaceAll('\n', ' ')}`);
  config.addRoute('settings', '/_debug/settings');
  config.addView(() => lines.join('\n'), { routeName: 'settings', renderer: 'string' });
}
