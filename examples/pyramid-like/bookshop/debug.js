// For developers: what the ini says about the framework.

export function includeMe(router) {
  const lines = Object.entries(router.settings)
    .filter(([name]) => /^(?:pyramid|retry)\./.test(name))
    .map(([name, value]) => `${name} = ${value.trim().replaceAll('\n', ' ')}\n`);
  router.add('/_debug/settings', () => new Response(lines.join('')));
}
