// An S3 server of another maker (s3rver) on the directory given and, unless a port is given, on a free one; ends when its standard input does.
import S3rver from 's3rver';

const server = new S3rver({
    address: '127.0.0.1', port: Number(process.argv[3] ?? 0), silent: true, directory: process.argv[2], configureBuckets: [{ name: 'media' }],
});
const { port } = await server.run();
console.log(port);
process.stdin.on('end', () => process.exit(0)).resume();
