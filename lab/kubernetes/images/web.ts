import type { Image } from './image.ts';
import { underInit } from './init.ts';

/**
 * A tiny web server, in the Perl that every Debian has: 2 MB for each one that runs, where a Node would take 40. It serves
 * any number of connections that stay, in one process. `/` tells which pod answers; `/healthz` is 503 while /tmp/unready is
 * there.
 */
const program = String.raw`use strict;
use Socket;
my ($pod, $node, $zone) = map { $ENV{$_} // '-' } qw(POD_NAME NODE_NAME ZONE);
my $port = $ENV{PORT} // 8080;
$| = 1;
$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = $SIG{INT} = sub { print "web: told to end\n"; exit 0 };
socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in($port, INADDR_ANY)) or die "web: port $port: $!\n";
listen($server, 128) or die "listen: $!";
print "web: $pod listens on $port\n";

sub answer {
  my ($method, $path) = @_;
  return (200, "$pod $node $zone\n") if $path =~ m{^/(\?|$)};
  return -e '/tmp/unready' ? (503, "not ready\n") : (200, "ok\n") if $path =~ m{^/healthz};
  return (404, "there is no $path\n");
}

my %clients;
for (;;) {
  my $ready = '';
  vec($ready, $_, 1) = 1 for fileno($server), keys %clients;
  select($ready, undef, undef, undef) > 0 or next;
  for my $fd (grep { vec($ready, $_, 1) } keys %clients) {
    my $client = $clients{$fd};
    my $got = sysread($client->{socket}, $client->{text}, 8192, length $client->{text});
    if (!$got) { delete $clients{$fd}; next }
    while ($client->{text} =~ /^(\S+) (\S+) HTTP\/1\.(\d)\r\n((?:[^\r\n]+\r\n)*)\r\n/) {
      my ($method, $path, $minor, $headers, $end) = ($1, $2, $3, $4, $+[0]);
      my $body = $headers =~ /^content-length:\s*(\d+)/mi ? $1 : 0;
      last if length($client->{text}) < $end + $body;
      substr($client->{text}, 0, $end + $body) = '';
      my ($status, $text) = answer($method, $path);
      my $close = $headers =~ /^connection:\s*close/mi || $minor == 0;
      my $head = sprintf "HTTP/1.1 %d %s\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: %s\r\n\r\n",
        $status, $status == 200 ? 'OK' : 'Not OK', length $text, $close ? 'close' : 'keep-alive';
      syswrite($client->{socket}, $method eq 'HEAD' ? $head : $head . $text);
      if ($close) { delete $clients{$fd}; last }
    }
    delete $clients{$fd} if exists $clients{$fd} && length $client->{text} > 65536;
  }
  if (vec($ready, fileno($server), 1) && accept(my $socket, $server)) {
    $clients{fileno $socket} = { socket => $socket, text => '' };
  }
}
`;

export const web: Image = {
  name: 'lab/web',
  entrypoint: [...underInit.entrypoint, 'perl', '/srv/web'],
  command: [],
  env: {},
  files: { ...underInit.files, '/srv/web': program },
  sizeBytes: 4_000_000,
};
