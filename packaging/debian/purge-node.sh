  # Guests outlive the daemon, and removal; not the deletion of their disks. The daemon is gone by
  # now, so its network is taken down by hand: what angophora-nc --purge-network removes.
  guests=/var/lib/angophora/nc/instances
  if [ -n "$(ls -A $guests 2>/dev/null)" ] && ! virsh -q -c qemu:///system version >/dev/null 2>&1; then
    systemctl start libvirtd 2>/dev/null ||
      echo "angophora-nc: libvirtd does not answer, so guests of $guests may stay: virsh list --all" >&2
  fi
  for domain in $(virsh -q -c qemu:///system list --all --name 2>/dev/null || true); do
    [ -d "$guests/$domain" ] || continue
    virsh -q -c qemu:///system destroy "$domain" >/dev/null 2>&1 || true
    virsh -q -c qemu:///system undefine "$domain" >/dev/null 2>&1 || true
  done
  volumes=/run/angophora/nc-volumes
  for file in "$volumes"/*/*/pid; do
    if pid=$(cat "$file" 2>/dev/null) && grep -q qemu-storage "/proc/$pid/comm" 2>/dev/null; then
      kill "$pid"
    fi
  done
  rm -rf $volumes
  network=/run/angophora/nc-network
  if pid=$(cat $network/dnsmasq.pid 2>/dev/null) && grep -q dnsmasq "/proc/$pid/comm" 2>/dev/null; then
    kill "$pid"
  fi
  for table in "inet ango_filter" "inet ango_limits" "ip ango_nat" "arp ango_arp"; do
    nft delete table $table 2>/dev/null || true
  done
  for link in $(ip -o link show 2>/dev/null | sed -n 's/^[0-9]*: \(angot[^:@]*\|angogw\)[:@].*/\1/p'); do
    ip link delete "$link" || true
  done
  ip route flush proto 173 2>/dev/null || true
  forwarding=/var/lib/angophora/nc/network/ip_forward.before
  [ ! -s $forwarding ] || cat $forwarding > /proc/sys/net/ipv4/ip_forward || true
  rm -rf $network
  rmdir --ignore-fail-on-non-empty /run/angophora 2>/dev/null || true
