// A filter factory: every setting of its section is a header of every response.

export function headers(globalConf, settings) {
  const added = Object.entries(settings);
  return (app) => async (request) => {
    const { status, body, headers: given } = await app(request);
    return new Response(body, { status, headers: [...given, ...added] });
  };
}
