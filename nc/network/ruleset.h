// A set of nftables as values, and the scripts that bring the kernel to it. Pure, any thread.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace angophora::nc {

// A named set or map of a table; its elements may change without touching any rule.
struct NftSet {
  std::string kind = "set";  // or "map"
  std::string type;          // "ipv4_addr", "ifname : verdict" ...
  std::set<std::string> elements;
  bool operator==(const NftSet&) const = default;
};

struct NftTable {
  std::string family;
  std::string name;
  std::map<std::string, NftSet> sets;
  std::string chains;  // all chains, as nft prints them
  bool operator==(const NftTable&) const = default;
};

using Ruleset = std::vector<NftTable>;

// Replaces the tables as a whole, in one transaction, whatever was in them. Open connections live
// on: they are the kernel's connection tracking, not the tables'.
std::string replace_script(const Ruleset& wanted);

// The smallest script from `now` to `wanted`: elements added and taken away where only a table's
// members changed, else that table again; everything when there are other tables. Empty when
// nothing changed.
std::string change_script(const Ruleset& now, const Ruleset& wanted);

// Removes tables of these names; none of that name is fine.
std::string delete_script(const Ruleset& tables);

}  // namespace angophora::nc
