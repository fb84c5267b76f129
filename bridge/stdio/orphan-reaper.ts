/**
 * A shell script that ends the process groups that its parent leaves behind. The parent reports on a pipe which groups it has started
 * and which have ended: the lines on stdin are "started <group>" and "ended <group>". However the parent ends, kill -9 included, the
 * pipe closes, and the script ends the groups that remain: SIGTERM, then SIGKILL after the given number of seconds. A shell takes a
 * twentieth of the memory of a Node that would wait for the whole session.
 */
export const orphanReaper = `
# A signal to the parent's whole group or session must not end the reaper before the parent.
trap '' INT TERM HUP

running=' '
while read -r verb group; do
  case $verb in
    started) running="$running$group " ;;
    ended)
      left=' '
      for other in $running; do [ "$other" = "$group" ] || left="$left$other "; done
      running=$left
      ;;
  esac
done

left=false
for group in $running; do kill -s TERM -- "-$group" 2>/dev/null && left=true; done
if $left; then sleep "$1"; fi
for group in $running; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
`;
