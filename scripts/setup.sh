#!/bin/sh
# Sets up whatever is missing to run firedrill from a checkout, and says nothing when nothing is.
#
#   sh scripts/setup.sh         what `npm start` needs: npm packages, and the lab's system packages
#   sh scripts/setup.sh test    what `npm test` needs besides: a browser and the real command line tools
#
# System packages are installed as root where there is apt; elsewhere two lines say what to install.
set -eu
cd "$(dirname "$0")/.."

# An ordinary user's PATH lacks the folders where Debian keeps nft and ip.
PATH="$PATH:/usr/sbin:/sbin"
purpose=${1:-start}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# attempt <what> <command…>: runs a command quietly; on failure shows the end of what it said.
attempt() {
  what=$1
  shift
  if "$@" >"$log" 2>&1; then return 0; fi
  echo "setup: $what failed:" >&2
  tail -n 20 "$log" >&2
  return 1
}

# npm writes node_modules/.package-lock.json last, so it is older than the lock, or absent, when an
# install is due or was cut short. Node from another platform's install (a shared folder) doesn't run.
npm_packages_are_current() {
  [ -f node_modules/.package-lock.json ] &&
    [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ] &&
    node_modules/.bin/node --version >/dev/null 2>&1
}

if ! npm_packages_are_current; then
  echo 'setup: installing npm packages (half a minute)' >&2
  # The engine warnings are about the system's Node, which runs npm and nothing else here.
  attempt 'npm ci' npm ci --loglevel=error --no-progress
  if ! attempt 'Node 24 from node_modules' node_modules/.bin/node --version; then
    echo 'setup: the install script of the npm package "node" did not run; allow scripts, remove node_modules, try again' >&2
    exit 1
  fi
fi

# One line a system command: command, Debian package, Fedora package.
needs='etcd etcd-server etcd
nft nftables nftables
ip iproute2 iproute
unshare util-linux util-linux
nsenter util-linux util-linux'
if [ "$purpose" = test ]; then
  needs="$needs
etcdctl etcd-client etcd
chromium chromium chromium
prometheus prometheus prometheus
aws awscli awscli2
kubectl kubernetes-client kubernetes-client"
fi

# Sets $missing, $debian and $fedora: the commands not found, and the packages that bring them.
look_for_commands() {
  missing='' debian='' fedora=''
  while read -r name debian_package fedora_package; do
    if ! command -v "$name" >/dev/null 2>&1; then
      missing="$missing $name"
      case " $debian " in *" $debian_package "*) ;; *) debian="$debian $debian_package" ;; esac
      case " $fedora " in *" $fedora_package "*) ;; *) fedora="$fedora $fedora_package" ;; esac
    fi
  done <<EOF
$needs
EOF
}

apt_install() {
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=120 \
    install -y -q --no-install-recommends $debian
}

# Debian starts a packaged daemon as soon as it is installed. The lab and the tests only want the program:
# RUNLEVEL=1 keeps a System V init from starting it, and a mask for the time being keeps systemd from it.
apt_install_without_services() {
  services=''
  case " $debian " in *' etcd-server '*) services='etcd.service' ;; esac
  case " $debian " in *' prometheus '*) services="$services prometheus.service" ;; esac
  if [ ! -d /run/systemd/system ]; then services=''; fi
  # shellcheck disable=SC2086 # a list of services
  if [ -n "$services" ]; then systemctl mask --runtime --quiet $services; fi
  installed=0
  # The package lists are fetched only if the ones at hand don't do.
  apt_install >"$log" 2>&1 ||
    { attempt 'apt-get update' apt-get update -q && attempt "apt-get install$debian" apt_install; } || installed=1
  # shellcheck disable=SC2086 # a list of services
  if [ -n "$services" ]; then
    systemctl unmask --runtime --quiet $services
    systemctl disable --quiet $services 2>"$log" || cat "$log" >&2
  fi
  return $installed
}

look_for_commands
if [ -z "$missing" ]; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "setup: installing system packages:$debian" >&2
  apt_install_without_services
  look_for_commands
  if [ -z "$missing" ]; then exit 0; fi
  echo "setup: still not there after the install:$missing" >&2
  exit 1
fi

npm_command='npm start'
if [ "$purpose" = test ]; then npm_command='npm test'; fi
container="docker run --rm -it --privileged -v \"\$PWD\":/firedrill -v /firedrill/node_modules -w /firedrill node:24-bookworm"
cat >&2 <<EOF
setup: missing:$missing. Debian, Ubuntu: sudo apt-get install -y --no-install-recommends$debian
setup: Fedora: sudo dnf install -y$fedora. macOS: the lab needs a Linux container: $container $npm_command
EOF
exit 1
