// not-ours.ts: the rules that are no rules for this server, and why.

/** The reason, then the ids. */
export const NOT_OURS: Readonly<Record<string, string>> = {
  'nothing is forwarded: there is no proxy and no upstream server': 'M07 M25 S23 S24 S25 S26 G04',
  'web servers are spoken to elsewhere: test/core/fastcgi/, test/core/message/cgi.test.ts and test/server/fastcgi*.test.ts check it':
    'G02 G03 G05 G06 G07 G08 G09 G10 G11',
  'there is no WebSocket, and no other protocol to change to': 'S30 S31 S32 W01 W02 W03 W04 W05 W06 W07 W08 W09',
  'no files are served, so nothing has a date, a tag, a range or a coding of its own':
    'S15 S17 S40 S41 S42 S61 S62 S63 S64 S65 S66 S67 S68 S69 S70 S71 S72 S73 S74 S75 S76 S77 S78 S79 S80 S81 S82 S86',
  'which methods there are, and what OPTIONS * and TRACE say, is for the app': 'S44 S49 S50',
  'which fields a status needs is for the app that sends it': 'S60',
};
