// An app_factory, for load balancers: this worker answers.

export function ok() {
  return (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from('OK\n')];
  };
}
