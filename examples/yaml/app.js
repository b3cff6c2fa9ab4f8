// A fetch app that says what its configuration says.

export function makeApp(globalConf, { greeting }) {
  return () => new Response(`${greeting}\n`);
}
