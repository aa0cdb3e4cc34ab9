  # Export servers live on without the daemon; their volumes go now.
  for file in /var/lib/angophora/sc/exports/*.pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    # A number may have been given to another process since.
    if tr '\000' ' ' 2>/dev/null < "/proc/$pid/cmdline" | grep -qF -- "--pidfile $file "; then
      kill "$pid" || true
    fi
  done
