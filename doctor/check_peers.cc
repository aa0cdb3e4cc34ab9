#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "doctor/checks.h"

namespace angophora::doctor {
namespace {

using namespace std::chrono_literals;

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// Whom a component of this role speaks to by itself.
bool speaks_to(soap::Role from, const std::string& type, bool same_zone) {
  if (type == "cloud") return true;
  if (from == soap::Role::cluster) return type == "node" && same_zone;
  if (from == soap::Role::node) return type == "walrus" || (type == "storage" && same_zone);
  if (from == soap::Role::storage) return type == "walrus";
  return false;
}

// Sun, 22 Nov 2026 14:00:00 GMT
std::optional<common::SysTime> parse_date(const std::string& text) {
  std::tm parts{};
  if (!strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts)) return std::nullopt;
  return common::SysTime(std::chrono::seconds(timegm(&parts)));
}

void judge_clock(const std::string& name, const Contact& contact, common::SysTime asked,
                 common::SysTime answered, Findings& findings) {
  const auto theirs = parse_date(contact.date);
  const auto object = "this machine's against " + name;
  if (!theirs) {
    findings.push_back(warning("clock", object, "the answer has no date", "none is needed"));
    return;
  }
  // A date has whole seconds.
  const auto ours = asked + (answered - asked) / 2;
  const auto ahead = ours - (*theirs + 500ms);
  const auto off = std::max<std::chrono::milliseconds>(std::chrono::abs(ahead) - 600ms, 0ms);
  const auto seconds = std::chrono::round<std::chrono::seconds>(std::chrono::abs(ahead)).count();
  const auto message = fmt::format("is {} s {}", seconds, ahead.count() > 0 ? "ahead" : "behind");
  const std::string remedy = "let both machines follow the same time servers (chrony, timesyncd)";
  if (off > 15s)
    findings.push_back(failure("clock", object, message + ": messages are refused", remedy));
  else if (off > 2s)
    findings.push_back(warning("clock", object, message, remedy));
  else
    findings.push_back(fine("clock", object, "is within 2 s"));
}

Task<> check_one_peer(Machine& machine, const t__serviceInfo& peer, Findings& findings) {
  auto host = peer.host;
  std::string path = "/";
  const auto port = static_cast<std::uint16_t>(peer.port);
  const auto object = fmt::format("{} at {}:{}", peer.name, peer.host, peer.port);
  const auto asked = machine.now();
  const auto answer = co_await machine.get(true, std::move(host), port, std::move(path));
  if (!answer) {
    findings.push_back(failure("ports", object, "cannot be reached: " + answer.error().message,
                               "is the daemon running there, and does a firewall between the "
                               "machines let this port through?"));
    co_return common::ok();
  }
  if (answer.value().certificate_der != peer.signingCertificate) {
    findings.push_back(failure("ports", object, "shows another certificate than the registry's",
                               "something else listens there, or that component was enrolled anew "
                               "and this one has not heard"));
    co_return common::ok();
  }
  findings.push_back(fine("ports", object, "answers with its certificate"));
  if (peer.type == "cloud") judge_clock(peer.name, answer.value(), asked, machine.now(), findings);
  co_return common::ok();
}

}  // namespace

Task<> check_names(Machine& machine, const std::vector<std::string>& names, Findings& findings) {
  std::set<std::string> all(names.begin(), names.end());
  for (const auto& name : all) {
    // Names below localhost are each machine's own (RFC 6761), not DNS'.
    if (is_address(name) || name == "localhost" || name.ends_with(".localhost")) continue;
    auto host = name;
    const auto found = co_await machine.resolve(std::move(host));
    if (!found || found.value().empty()) {
      findings.push_back(failure(
          "dns", name, "does not resolve" + (found ? std::string() : ": " + found.error().message),
          "give it an entry in your DNS, or in /etc/hosts of each machine"));
      continue;
    }
    std::string addresses;
    for (const auto& address : found.value())
      if (addresses.find(address) == addresses.npos)
        addresses += (addresses.empty() ? "" : " ") + address;
    findings.push_back(fine("dns", name, addresses));
  }
  co_return common::ok();
}

Task<> check_peers(Machine& machine, const LocalDaemon& daemon, const Membership& membership,
                   Findings& findings) {
  const auto* own = membership.find(membership.name);
  const auto zone = own && own->zone ? *own->zone : std::string();
  std::vector<std::string> names;
  for (const auto& peer : membership.registry.services) {
    if (peer.name == membership.name ||
        !speaks_to(daemon.role, peer.type, peer.zone.value_or("") == zone))
      continue;
    if (!is_address(peer.host)) names.push_back(peer.host);
    CO_TRY_VOID(co_await check_one_peer(machine, peer, findings));
  }
  co_return co_await check_names(machine, names, findings);
}

}  // namespace angophora::doctor
