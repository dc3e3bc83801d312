import { etcdDataDir } from '../names.ts';
import { paths } from '../world/mounts.ts';

/** Where machines find {@link initScript}. */
export const initScriptPath = `${paths.tools}/machine-init`;

/**
 * What a machine's kernel and firmware would do, as the first program in its namespaces: its own `/dev`, `/run` and
 * `/var/lib`, then its network card as soon as it is plugged in, then the user data in its own place.
 *
 * Arguments: instance id, address, router. It says that its namespaces are there on descriptor 3, and waits on its
 * standard input for the card. All that it sends goes to the router, also what is for its own subnet: security groups stand
 * between any two machines.
 */
export const initScript = `
set -e
own=${paths.machines}/$1
mount -n --rbind "$own/dev" /dev
# Only what is mounted below its own /dev is this machine's business.
mount -n --make-private ${paths.machines}
mount -n --rbind ${paths.tools} "$own/run/firedrill"
mount -n --rbind "$own/run" /run
# The host's ${etcdDataDir} may be missing, or be somebody's: a machine has a disk of its own.
mount -n -t tmpfs -o mode=0755 machine /var/lib
mkdir -p ${etcdDataDir}
if command -v hostname > /dev/null; then hostname "ip-$(echo "$2" | tr . -)"; fi
if [ -e /proc/sys/net/ipv6/conf/all/disable_ipv6 ]; then echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; fi
echo up >&3
exec 3>&-
read -r plugged
ip -batch - <<CARD
link set lo up
addr add $2/32 dev eth0
link set eth0 up
route add $3 dev eth0 scope link
route add default via $3
CARD
exec sh /run/user-data < /dev/null
`;
