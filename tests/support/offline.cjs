/** Preloaded into a server (`node --require`): only localhost resolves, as without a network. */
const dns = require("node:dns");

const { lookup } = dns;
dns.lookup = (host, ...rest) => {
  const local = host === "localhost" || /^[\d.:]+$/.test(host);
  if (local) return lookup(host, ...rest);
  rest.at(-1)(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND", hostname: host }));
};
