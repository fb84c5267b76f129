/** Set in the environment of each process that the bridge starts: which of its starts it was. */
export const launchVariable = "MCP_ORCHESTRATOR_LAUNCH";

/**
 * A shell script that ends the process groups that its parent leaves behind. The parent reports on a pipe: "starting <launch>" before
 * it starts a group, "started <group>" and "ended <group>" are the lines on stdin. However the parent ends, kill -9 included, the pipe
 * closes, and the script ends the groups that remain: SIGTERM, then SIGKILL after the given number of seconds. A group that the parent
 * had started and could not report is found by its environment, where the system shows it in /proc. A shell takes a twentieth of the
 * memory of a Node that would wait for the whole session.
 */
export const orphanReaper = `
# A signal to the parent's whole group or session must not end the reaper before the parent.
trap '' INT TERM HUP

running=' '
starting=
while read -r verb what; do
  case $verb in
    starting) starting=$what ;;
    started) starting= running="$running$what " ;;
    ended)
      left=' '
      for other in $running; do [ "$other" = "$what" ] || left="$left$other "; done
      running=$left
      ;;
  esac
done

find_unreported() {
  [ -n "$starting" ] || return
  for file in $(grep -lzxF "${launchVariable}=$starting" /proc/[0-9]*/environ 2>/dev/null); do
    group=\${file#/proc/}
    running="$running\${group%/environ} "
  done
}

find_unreported
left=false
[ -n "$starting" ] && left=true
for group in $running; do kill -s TERM -- "-$group" 2>/dev/null && left=true; done
if $left; then sleep "$1"; fi
# Once more, for one that was too young to show its environment.
find_unreported
for group in $running; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
`;
