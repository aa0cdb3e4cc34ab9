#include "nc/network/privileged/namespaces.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace angophora::nc::testing_bed {
namespace {

std::string inside(const std::string& where, const std::string& command) {
  if (where.empty()) return command;
  std::string quoted;
  for (const char c : command) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return "ip netns exec " + where + " sh -c '" + quoted + "'";
}

bool enter() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (mount("none", "/run", "tmpfs", 0, "mode=755") != 0) return false;
  sh("ip link set lo up");
  sh("ip netns add outside && ip -n outside link set lo up");
  sh("ip link add up0 type veth peer name eth0 netns outside");
  sh("ip addr add 192.0.2.1/24 dev up0 && ip link set up0 up");
  sh("ip -n outside addr add 192.0.2.2/24 dev eth0 && ip -n outside link set eth0 up");
  sh("ip route add default via 192.0.2.2");
  // As a network would that knows where the zone's guests are.
  sh("ip -n outside route add 10.100.0.0/16 via 192.0.2.1");
  return true;
}

// busybox' DHCP client calls this with what it got.
constexpr const char* kScript = R"(#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip addr flush dev $interface
ip addr add $ip/$mask dev $interface
ip route replace default via $router dev $interface
[ -n "$mtu" ] && ip link set $interface mtu $mtu
echo "dns=$dns domain=$domain mtu=$mtu router=$router" > /run/lease-$(ip netns identify)
)";

}  // namespace

bool enter_node() {
  static const bool entered = enter();
  return entered;
}

bool move_to(const std::string& where) {
  static const int node = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int target =
      where.empty() ? dup(node) : open(("/run/netns/" + where).c_str(), O_RDONLY | O_CLOEXEC);
  const bool moved = target >= 0 && setns(target, CLONE_NEWNET) == 0;
  if (target >= 0) close(target);
  return moved;
}

std::string sh_in(const std::string& where, const std::string& command, int* exit_code) {
  std::string out;
  FILE* pipe = popen((inside(where, command) + " 2>&1").c_str(), "re");
  char buffer[4096];
  while (const auto n = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  const int status = pclose(pipe);
  if (exit_code) *exit_code = WEXITSTATUS(status);
  return out;
}

std::string sh(const std::string& command, int* exit_code) { return sh_in("", command, exit_code); }

void make_guest(const std::string& name, const std::string& tap, const std::string& mac) {
  sh("ip netns add " + name);
  sh("ip link add " + tap + " type veth peer name eth0 netns " + name);
  sh_in(name, "ip link set lo up; ip link set eth0 address " + mac + " up");
}

void remove_guest(const std::string& name) { sh("ip netns del " + name); }

bool dhcp(const std::string& guest) {
  FILE* script = fopen("/run/dhcp-script", "w");
  fputs(kScript, script);
  fclose(script);
  int failed = 0;
  sh("chmod +x /run/dhcp-script");
  sh_in(guest, "busybox udhcpc -i eth0 -f -n -q -O mtu -t 5 -T 1 -s /run/dhcp-script", &failed);
  return failed == 0;
}

Listener::Listener(const std::string& where, int port, const std::string& answer) {
  const auto command = inside(
      where, "exec busybox nc -ll -p " + std::to_string(port) + " -e sh -c \"" + answer + "\"");
  const auto ready = inside(where, "ss -Hltn sport = :" + std::to_string(port));
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);  // what answers a connection that was cut off waits for ever, and goes with it
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto whole = where.empty() ? command : "exec " + command;  // one process to kill
    execl("/bin/sh", "sh", "-c", whole.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 200 && sh(ready).empty(); ++i) poll(nullptr, 0, 10);
}

Listener::~Listener() {
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool can_reach(const std::string& from, const std::string& address, int port) {
  const auto out = sh_in(
      from, "timeout 1 busybox nc -w 1 " + address + " " + std::to_string(port) + " </dev/null");
  return out == "hello\n";
}

}  // namespace angophora::nc::testing_bed
