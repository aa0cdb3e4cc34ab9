#include "nc/network/foreign_rules.h"

#include <boost/json.hpp>
#include <map>
#include <tuple>

#include "common/process/process.h"
#include "nc/network/files.h"

namespace angophora::nc {
namespace {

namespace json = boost::json;
using common::Errc;
using common::Error;
using common::Result;

using ChainKey = std::tuple<std::string, std::string, std::string>;  // family, table, chain

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

bool is_foreign_ip(const std::string& family, const std::string& table) {
  return (family == "ip" || family == "inet") && !table.starts_with("ango");
}

// "drop" or "reject" and nothing else but a counter.
bool drops_all(const json::object& rule) {
  const auto* expressions = rule.if_contains("expr");
  if (!expressions || !expressions->is_array()) return false;
  bool drops = false;
  for (const auto& expression : expressions->as_array()) {
    if (!expression.is_object()) return false;
    const auto& e = expression.as_object();
    if (e.contains("drop") || e.contains("reject"))
      drops = true;
    else if (!e.contains("counter"))
      return false;
  }
  return drops;
}

std::string sentence(const ChainKey& key, const std::string& why) {
  const auto& [family, table, chain] = key;
  return "chain " + chain + " of table " + family + " " + table + " " + why;
}

}  // namespace

Result<std::vector<std::string>> foreign_forward_drops(std::string_view nft_json) {
  boost::system::error_code failure;
  const auto document = json::parse(nft_json, failure);
  const auto* root = failure ? nullptr : document.if_object();
  const auto* entries = root ? root->if_contains("nftables") : nullptr;
  if (!entries || !entries->is_array())
    return Error(Errc::corrupt, "nft's list of rules cannot be read");
  std::map<ChainKey, std::string> policies;  // of foreign chains on the forward hook
  std::map<ChainKey, bool> last_rule_drops;
  for (const auto& entry : entries->as_array()) {
    if (!entry.is_object()) continue;
    if (const auto* chain = entry.as_object().if_contains("chain")) {
      const auto& c = chain->as_object();
      if (text_at(c, "hook") == "forward" &&
          is_foreign_ip(text_at(c, "family"), text_at(c, "table")))
        policies[{text_at(c, "family"), text_at(c, "table"), text_at(c, "name")}] =
            text_at(c, "policy");
    } else if (const auto* rule = entry.as_object().if_contains("rule")) {
      const auto& r = rule->as_object();
      last_rule_drops[{text_at(r, "family"), text_at(r, "table"), text_at(r, "chain")}] =
          drops_all(r);
    }
  }
  std::vector<std::string> found;
  for (const auto& [key, policy] : policies) {
    if (policy == "drop")
      found.push_back(sentence(key, "has the policy drop"));
    else if (last_rule_drops[key])
      found.push_back(sentence(key, "ends with a rule that drops all"));
  }
  return found;
}

Result<std::vector<std::string>> find_foreign_drops() {
  TRY(const auto listed, process::run_checked({.argv = {"nft", "-j", "list", "ruleset"},
                                               .output_bytes_max = 64u << 20}));
  TRY(auto found, foreign_forward_drops(listed));
  // The old iptables is not seen by nft; the kernel lists its tables once they are in use.
  const auto tables = read_small_file("/proc/net/ip_tables_names").value_or("");
  if (tables.find("filter") == std::string::npos) return found;
  const auto legacy = process::run_checked({.argv = {"iptables-legacy", "-S", "FORWARD"}});
  if (legacy && legacy.value().starts_with("-P FORWARD DROP"))
    found.push_back("the old iptables' chain FORWARD has the policy DROP");
  return found;
}

}  // namespace angophora::nc
