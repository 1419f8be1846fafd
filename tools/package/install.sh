#!/bin/sh
# Installs netstat below /usr/local, or takes it away again. Needs a shell and the
# usual tools, no package manager. Beside net-tools' netstat, PATH decides.
set -eu
LC_ALL=C
export LC_ALL
umask 022

usage() {
  cat <<'END'
usage: ./install.sh [--prefix DIR] [--uninstall]

  --prefix DIR   install below DIR instead of /usr/local
  --uninstall    remove what was installed there

With DESTDIR in the environment, files go below that folder, as if it were /.
END
}

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

prefix=/usr/local
action=install
while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      [ $# -gt 1 ] || fail "--prefix needs a folder"
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --uninstall) action=uninstall ;;
    -h | --help)
      usage
      exit
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

case $prefix in
  /) prefix= ;;
  /*) prefix=${prefix%/} ;;
  *) fail "--prefix needs a path that begins with /" ;;
esac
cd "$(dirname -- "$0")"
to=${DESTDIR-}$prefix

# Where bash-completion looks at each start: it has a completion for netstat that asks
# netstat itself, and does not look for this one.
hook=
if [ "$prefix" = /usr/local ] && [ -w "${DESTDIR-}/etc/bash_completion.d" ]; then
  hook=${DESTDIR-}/etc/bash_completion.d/netstat-local
fi
executable=$prefix/lib/netstat/netstat

# the files here, by where they go
files() {
  find bin lib share -type f -o -type l
}

if [ "$action" = uninstall ]; then
  files | while IFS= read -r file; do rm -f -- "$to/$file"; done
  [ -z "$hook" ] || rm -f -- "$hook"
  find lib/netstat share/netstat share/doc/netstat -depth -type d | while IFS= read -r folder; do
    [ ! -d "$to/$folder" ] || rmdir -- "$to/$folder" || : # it has other files, too
  done
  exit
fi

machine=$(cat machine)
[ -n "${DESTDIR-}" ] || [ "$(uname -m)" = "$machine" ] ||
  fail "these files are for $machine, and this is $(uname -m)"

# bin/netstat runs what its last 256 bytes name
room=256
[ ${#executable} -lt $room ] || fail "$executable is too long a path"
launcher() {
  size=$(wc -c <bin/netstat)
  dd if=bin/netstat bs=1 count=$((size - room))
  printf %s "$executable"
  dd if=/dev/zero bs=1 count=$((room - ${#executable}))
}

# each file is put in place whole, so that one that is running may be replaced
files | while IFS= read -r file; do
  mkdir -p -- "$to/${file%/*}"
  new=$to/$file.new
  if [ "$file" = bin/netstat ]; then
    launcher >"$new" 2>/dev/null
  else
    cp -P -- "$file" "$new"
  fi
  if [ -L "$file" ]; then
    : # a link has no mode of its own
  elif [ -x "$file" ]; then
    chmod 755 "$new"
  else
    chmod 644 "$new"
  fi
  mv -f -- "$new" "$to/$file"
done

if [ -n "$hook" ]; then
  completion=$prefix/share/bash-completion/completions/netstat
  echo "if [[ -e $completion ]]; then source $completion; fi" >"$hook.new"
  mv -f -- "$hook.new" "$hook"
fi

[ -n "${DESTDIR-}" ] || "$to/bin/netstat" -V ||
  fail "$to/bin/netstat does not start: it needs glibc and /proc"
