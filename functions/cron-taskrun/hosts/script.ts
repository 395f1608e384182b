/** What a host is asked of itself: sections of `/proc` and the like, each under a line `== name`. Every POSIX shell runs it. */
export const script = `LC_ALL=C
export LC_ALL
ask() { name=$1; shift; echo "== $name"; "$@" 2>/dev/null; }
ask hostname uname -n
ask kernel uname -r
ask arch uname -m
ask release cat /etc/os-release
ask cpus getconf _NPROCESSORS_ONLN
ask load cat /proc/loadavg
ask memory cat /proc/meminfo
ask disk df -kP /
ask before head -n 1 /proc/stat
ask accelerators nvidia-smi --query-gpu=name --format=csv,noheader
sleep 1
ask after head -n 1 /proc/stat
echo "== end"
`
