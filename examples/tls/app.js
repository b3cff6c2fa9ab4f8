// A fetch app that tells who is there: by the certificate that the client has shown, where it has shown one.

export function makeApp() {
  return {
    fetch(request, { tls }) {
      const { clientCertificate, serverName = 'nobody in particular', protocol } = tls;
      const who = clientCertificate === undefined ? 'guest' : clientCertificate.commonName;
      return new Response(`Hello, ${who}! You have asked for ${serverName}, over ${protocol}.\n`);
    },
  };
}
