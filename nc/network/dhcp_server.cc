#include "nc/network/dhcp_server.h"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "common/log/log.h"
#include "nc/network/files.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Result;
using namespace std::chrono_literals;

// dnsmasq gives up root once it has its sockets.
std::string unprivileged_user() { return getpwnam("dnsmasq") ? "dnsmasq" : "nobody"; }

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
}

}  // namespace

DhcpServer::DhcpServer(const EdgeOptions& options)
    : options_(options),
      files_(options.run_dir),
      helper_({"dnsmasq", "--keep-in-foreground", "--conf-file=" + files_.conf}, files_.log) {}

Result<bool> DhcpServer::write_if_new(const std::string& path, const std::string& text) {
  if (read_small_file(path) == text) return false;
  TRY_VOID(replace_file(path, text, false));
  return true;
}

Result<> DhcpServer::apply(const EdgeState& state) {
  const auto conf = dhcp_conf(options_, state, files_, unprivileged_user());
  if (!conf) return helper_.stop();
  TRY_VOID(make_open_folder(options_.run_dir));  // folders below /run are removed by accident
  TRY(const bool new_conf, write_if_new(files_.conf, *conf));
  TRY(const bool new_hosts, write_if_new(files_.hosts, dhcp_hosts(state)));
  const auto leases = read_small_file(files_.leases).value_or("");
  const auto kept = current_leases(leases, state);
  if (new_conf || (new_hosts && kept != leases)) {
    TRY_VOID(helper_.stop());
    // What it wrote on its way out counts.
    const auto last = current_leases(read_small_file(files_.leases).value_or(""), state);
    TRY_VOID(replace_file(files_.leases, last, false));
    return start();
  }
  if (helper_.find().empty()) return start();
  return new_hosts ? helper_.signal(SIGHUP) : common::ok();
}

// dnsmasq writes its pid file when it listens; without one it ended, and its log says why.
Result<> DhcpServer::start() {
  std::error_code ignored;
  std::filesystem::remove(files_.pid, ignored);
  std::filesystem::remove(files_.log, ignored);
  TRY_VOID(helper_.ensure());
  for (int i = 0; i < 500; ++i) {
    if (std::filesystem::exists(files_.pid, ignored)) {
      log::info("network.dhcp_started", {{"program", "dnsmasq"}, {"settings", files_.conf}});
      return common::ok();
    }
    if (helper_.ended_within(10ms)) break;
  }
  return Error(Errc::io,
               "dnsmasq does not start: " + last_line(read_small_file(files_.log).value_or("")));
}

Result<> DhcpServer::remove() {
  TRY_VOID(helper_.stop());
  std::error_code ignored;
  for (const auto& file : {files_.conf, files_.hosts, files_.leases, files_.pid, files_.log})
    std::filesystem::remove(file, ignored);
  return common::ok();
}

}  // namespace angophora::nc
