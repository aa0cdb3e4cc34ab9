#include "clc/domain/network_document.h"

namespace angophora::clc {
namespace {

void append(std::string& text, std::string_view value) { text.append(value).append("\t"); }

void append(std::string& text, std::string_view kind, const NetworkRule& rule) {
  append(text, kind);
  append(text, rule.protocol);
  append(text, std::to_string(rule.from_port));
  append(text, std::to_string(rule.to_port));
  append(text, rule.cidr);
  append(text, rule.source_group.value);
  text += '\n';
}

}  // namespace

std::string canonical_text(const NetworkDocument& document) {
  std::string text =
      document.network.cidr() + "\n" + document.dns_domain + "\n" + document.region + "\n";
  for (const auto& server : document.dns_servers) append(text, server);
  text += '\n';
  for (const auto& instance : document.instances) {
    append(text, instance.id.value);
    append(text, instance.account.value);
    append(text, instance.mac);
    append(text, format_address(instance.private_ip));
    append(text, format_address(instance.public_ip));
    append(text, instance.node.value);
    for (const auto& group : instance.groups) append(text, group.value);
    text += '\n';
  }
  for (const auto& node : document.nodes) {
    append(text, node.name.value);
    append(text, format_address(node.address));
    text += '\n';
  }
  for (const auto& group : document.groups) {
    append(text, group.id.value);
    append(text, group.name);
    text += '\n';
    for (const auto& rule : group.ingress) append(text, "in", rule);
    for (const auto& rule : group.egress) append(text, "out", rule);
  }
  return text;
}

std::set<GroupId> groups_of(const std::vector<NetworkInstance>& instances) {
  std::set<GroupId> groups;
  for (const auto& instance : instances)
    groups.insert(instance.groups.begin(), instance.groups.end());
  return groups;
}

}  // namespace angophora::clc
