# Runs PROGRAM on the files of CASE, inside new mount and network namespaces:
#   unshare --mount --net --uts bash case.sh CASE PROGRAM UID [ARGUMENT...]
# The trees are staged on a tmpfs and then moved over /proc, /sys and /etc.
set -eu
case=$1 program=$2 uid=$3
shift 3

[ ! -e "$case/setup" ] || sh -e "$case/setup" </dev/null
mount -t tmpfs -o mode=0755 none /mnt

# entries FILE: its lines without comments
entries() {
  if [ -e "$case/$1" ]; then grep -v -e '^#' -e '^[[:space:]]*$' "$case/$1" || true; fi
}

for top in etc sys proc; do
  if [ "$top" = sys ] && [ ! -d "$case/sys" ] &&
    ! cat "$case/links" "$case/dirs" 2>/dev/null | grep -q '^sys/'; then
    continue
  fi
  mkdir "/mnt/$top"
  mount -t tmpfs -o mode=0755 none "/mnt/$top"
  [ ! -d "$case/$top" ] || cp -r "$case/$top/." "/mnt/$top/"
  chmod -R u=rwX,go=rX "/mnt/$top"
done
if [ ! -e /mnt/etc/nsswitch.conf ]; then
  for database in passwd group shadow hosts networks protocols services ethers rpc; do
    echo "$database: files"
  done >/mnt/etc/nsswitch.conf
fi

cd /mnt
entries dirs | while read -r path; do mkdir -p "$path"; done
entries links | while IFS= read -r line; do
  path=${line%% -> *}
  mkdir -p "${path%/*}"
  ln -s "${line#* -> }" "$path"
done
if [ ! -e proc/self ]; then
  mkdir proc/self
  ln -s "$program" proc/self/exe
fi

# a tmpfs lists the newest name first; a real /proc lists processes by number
mkdir /mnt/aside
for pid in $(ls proc | grep -E '^[0-9]+$' | sort -rn); do
  mv "proc/$pid" aside/
  mv "aside/$pid" proc/
done

entries owners | while read -r owner path; do chown "$owner" "$path"; done
entries modes | while read -r mode path; do chmod "$mode" "$path"; done

umask 022
for top in etc sys proc; do
  [ ! -d "/mnt/$top" ] || mount --move "/mnt/$top" "/$top"
done
cd /
# UNDER: a command, by words, that runs the program
if [ "$uid" = 0 ]; then exec -a netstat ${UNDER:-} "$program" "$@"; fi
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups \
  bash -c 'exec -a netstat "$0" "$@"' "$program" "$@"
