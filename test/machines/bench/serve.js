// The lab's own servers: packages on port 8080, and what a cloud's metadata service says on port 80 of its address.
const { createReadStream, existsSync, statSync } = require('node:fs');
const { createServer } = require('node:http');
const { join, normalize } = require('node:path');

const [mirror, metadataAddress, ready] = process.argv.slice(2);
const serve = (folder) => (request, response) => {
  const file = join(folder, normalize(`/${decodeURIComponent(new URL(request.url, 'http://x').pathname)}`));
  if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
  response.writeHead(200, { 'content-length': statSync(file).size });
  createReadStream(file).pipe(response);
};
createServer(serve(mirror)).listen(8080, '0.0.0.0', () =>
  createServer((_request, response) => response.end('user data of this server\n')).listen(80, metadataAddress, () =>
    require('node:fs').writeFileSync(ready, String(process.pid)),
  ),
);
