#include "nc/network/ruleset.h"

#include <algorithm>
#include <iterator>

namespace angophora::nc {
namespace {

std::string joined(const std::set<std::string>& elements) {
  std::string out;
  for (const auto& element : elements) {
    if (!out.empty()) out += ", ";
    out += element;
  }
  return out;
}

std::string table_of(const NftTable& table) { return table.family + " " + table.name; }

std::string declaration(const std::string& name, const NftSet& set) {
  std::string out = "\t" + set.kind + " " + name + " {\n\t\ttype " + set.type + "\n";
  if (!set.elements.empty()) out += "\t\telements = { " + joined(set.elements) + " }\n";
  return out + "\t}\n";
}

bool same_table(const NftTable& a, const NftTable& b) {
  return a.family == b.family && a.name == b.name;
}

// Rules, names and types alike: then only members differ.
bool same_shape(const NftTable& a, const NftTable& b) {
  const auto same_set = [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.kind == y.second.kind && x.second.type == y.second.type;
  };
  return a.chains == b.chains &&
         std::equal(a.sets.begin(), a.sets.end(), b.sets.begin(), b.sets.end(), same_set);
}

std::set<std::string> without(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

// What a map's element is looked up by: a changed value must be deleted by its key alone.
std::set<std::string> keys(const NftSet& set, const std::set<std::string>& elements) {
  if (set.kind != "map") return elements;
  std::set<std::string> out;
  for (const auto& element : elements) out.insert(element.substr(0, element.find(" : ")));
  return out;
}

std::string member_changes(const NftTable& table, const std::string& name, const NftSet& now,
                           const NftSet& wanted) {
  std::string out;
  const auto gone = keys(now, without(now.elements, wanted.elements));
  const auto added = without(wanted.elements, now.elements);
  const auto where = table_of(table) + " " + name;
  if (!gone.empty()) out += "delete element " + where + " { " + joined(gone) + " }\n";
  if (!added.empty()) out += "add element " + where + " { " + joined(added) + " }\n";
  return out;
}

}  // namespace

std::string delete_script(const Ruleset& tables) {
  std::string out;
  for (const auto& table : tables)  // adding first makes deleting one that is not there succeed
    out += "add table " + table_of(table) + "\ndelete table " + table_of(table) + "\n";
  return out;
}

std::string replace_script(const Ruleset& wanted) {
  auto out = delete_script(wanted);
  for (const auto& table : wanted) {
    out += "table " + table_of(table) + " {\n";
    for (const auto& [name, set] : table.sets) out += declaration(name, set);
    out += table.chains + "}\n";
  }
  return out;
}

std::string change_script(const Ruleset& now, const Ruleset& wanted) {
  if (!std::equal(now.begin(), now.end(), wanted.begin(), wanted.end(), same_table))
    return replace_script(wanted);
  std::string out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!same_shape(now[i], wanted[i])) {
      out += replace_script({wanted[i]});
      continue;
    }
    for (const auto& [name, set] : wanted[i].sets)
      out += member_changes(wanted[i], name, now[i].sets.at(name), set);
  }
  return out;
}

}  // namespace angophora::nc
