/**
 * Node's http, as `import http from 'node:http'` gives it, but without loading Node's own undici: an import statement asks the
 * module for all that it has, a WebSocket too, which takes 50 ms of each command's start.
 */
export default process.getBuiltinModule('node:http');
