# bash completion for netstat(8)
# Made from the option table by `./denow task docs`.
#
# bash-completion has one of its own for netstat, which runs `netstat --help` at
# each Tab and keeps it from looking for another: where this package is used, the
# file belongs into /etc/bash_completion.d.

_netstat() {
  local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
  local before='' list word words
  COMPREPLY=()
  [[ " ${COMP_WORDS[*]:1:COMP_CWORD-1} " == *' -- '* ]] && return

  # an equals sign is a word, unless it was taken out of COMP_WORDBREAKS
  if [[ $cur == --*=* ]]; then
    option=${cur%%=*} before=$option= cur=${cur#*=}
  elif [[ $cur == '=' ]]; then
    cur=''
  elif [[ $option == '=' ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur =~ ^-[^-A]*[A] ]]; then
    before=${BASH_REMATCH[0]} option=$before cur=${cur#"$before"}
  else
    case $option in
    # what stands behind these is their value only with an equals sign
    --csv | --color) option='' ;;
    esac
  fi

  case $option in
    -*A | --protocol | --prot | --proto | --protoc | --protoco)
      list=${cur%"${cur##*,}"} words=''
      for word in \
        ash ax25 bluetooth ddp appletalk econet inet ip tcpip inet6 ip6 ipx \
        mptcp netlink netrom packet rose sctp-remaddr tipc unix vsock x25; do
        [[ ,$list == *,$word,* ]] || words+=" $list$word"
      done
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$cur")
      compopt -o nospace 2>/dev/null
      return
      ;;
    --csv)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'safe raw' -- "$cur"
      )
      return
      ;;
    --where)
      return
      ;;
    --columns)
      return
      ;;
    --sort)
      return
      ;;
    --limit)
      return
      ;;
    --count)
      return
      ;;
    --sum)
      return
      ;;
    --color)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'auto always never' -- "$cur"
      )
      return
      ;;
    --family)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -f -X '!*.[jt]s' -- "$cur"
        compgen -P "$before" -d -- "$cur"
      )
      compopt -o filenames 2>/dev/null
      return
      ;;
    --check-family)
      mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --root)
      mapfile -t COMPREPLY < <(compgen -P "$before" -d -- "$cur")
      compopt -o filenames 2>/dev/null
      return
      ;;
    --source)
      mapfile -t COMPREPLY < <(
        compgen -P "$before" -W 'procfs netlink' -- "$cur"
      )
      return
      ;;
    --resolve-timeout)
      return
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W '
    --ax25 --x25 --ip --ipx --appletalk --netrom --inet --inet6 --ddp --rose
    --bluetooth --tcpip -V --version -i --interfaces -h --help -r --route -M
    --masquerade -A --protocol= -t --tcp -S --sctp -u --udp -U --udplite -w
    --raw -x --unix -2 --l2cap -f --rfcomm -l --listening -a --all -o --timers
    -c --continuous -e --extend -p --programs -v --verbose -s --statistics -W
    --wide -n --numeric --numeric-hosts --numeric-ports --numeric-users -N
    --symbolic -C --cache -F --fib -g --groups -Z --context -4 -6 -d -? --econet
    --ec --ash --json --ndjson --csv --csv= --openmetrics --where= --columns=
    --sort= --limit= --count= --sum= --no-header --color --color= --family=
    --check-family= --family-types --root= --source= --resolve-timeout=
  ' -- "$cur")
  [[ ${COMPREPLY-} == *= ]] && compopt -o nospace 2>/dev/null
} && complete -F _netstat netstat
