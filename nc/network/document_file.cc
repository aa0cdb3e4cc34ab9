#include "nc/network/document_file.h"

#include <boost/json.hpp>

namespace angophora::nc {
namespace {

namespace json = boost::json;
using common::Errc;
using common::Error;
using common::Result;

json::array rules_to(const std::vector<NetworkRule>& rules) {
  json::array out;
  for (const auto& r : rules)
    out.push_back({{"protocol", r.protocol},
                   {"from_port", r.from_port},
                   {"to_port", r.to_port},
                   {"cidr", r.cidr},
                   {"source_group", r.source_group.value}});
  return out;
}

// The readers throw what Boost throws for a missing key or a wrong type; caught in one place.
std::string text(const json::object& o, std::string_view key) {
  return std::string(o.at(key).as_string());
}

std::vector<NetworkRule> rules_from(const json::value& value) {
  std::vector<NetworkRule> out;
  for (const auto& entry : value.as_array()) {
    const auto& o = entry.as_object();
    out.push_back({text(o, "protocol"), o.at("from_port").to_number<std::int32_t>(),
                   o.at("to_port").to_number<std::int32_t>(), text(o, "cidr"),
                   common::GroupId(text(o, "source_group"))});
  }
  return out;
}

NetworkInstance instance_from(const json::object& o) {
  NetworkInstance out{common::InstanceId(text(o, "id")),
                      common::AccountId(text(o, "account")),
                      text(o, "mac"),
                      text(o, "private_ip"),
                      text(o, "public_ip"),
                      common::NodeName(text(o, "node")),
                      {}};
  for (const auto& group : o.at("groups").as_array())
    out.groups.emplace_back(std::string(group.as_string()));
  return out;
}

}  // namespace

std::string document_to_json(const NetworkDocument& document) {
  json::array instances, groups, nodes, dns;
  for (const auto& i : document.instances) {
    json::array ids;
    for (const auto& id : i.groups) ids.emplace_back(id.value);
    instances.push_back({{"id", i.id.value},
                         {"account", i.account_id.value},
                         {"mac", i.mac_address},
                         {"private_ip", i.private_ip},
                         {"public_ip", i.public_ip},
                         {"node", i.node_name.value},
                         {"groups", std::move(ids)}});
  }
  for (const auto& g : document.groups)
    groups.push_back({{"id", g.id.value},
                      {"name", g.name},
                      {"ingress", rules_to(g.ingress)},
                      {"egress", rules_to(g.egress)}});
  for (const auto& n : document.nodes)
    nodes.push_back({{"name", n.name.value}, {"address", n.address}});
  for (const auto& server : document.dns_servers) dns.emplace_back(server);
  return json::serialize(json::object{{"version", document.version},
                                      {"subnet", document.subnet_cidr},
                                      {"gateway", document.gateway},
                                      {"dns_servers", std::move(dns)},
                                      {"dns_domain", document.dns_domain},
                                      {"region", document.region},
                                      {"instances", std::move(instances)},
                                      {"groups", std::move(groups)},
                                      {"nodes", std::move(nodes)}});
}

Result<NetworkDocument> document_from_json(std::string_view json_text) {
  try {
    const auto value = json::parse(json_text);
    const auto& root = value.as_object();
    NetworkDocument out;
    out.version = root.at("version").to_number<std::int64_t>();
    out.subnet_cidr = text(root, "subnet");
    out.gateway = text(root, "gateway");
    out.dns_domain = text(root, "dns_domain");
    for (const auto& server : root.at("dns_servers").as_array())
      out.dns_servers.emplace_back(server.as_string());
    for (const auto& entry : root.at("instances").as_array())
      out.instances.push_back(instance_from(entry.as_object()));
    for (const auto& entry : root.at("groups").as_array()) {
      const auto& o = entry.as_object();
      out.groups.push_back({common::GroupId(text(o, "id")), rules_from(o.at("ingress")),
                            rules_from(o.at("egress"))});
      if (o.contains("name")) out.groups.back().name = text(o, "name");
    }
    // Documents of earlier versions have neither region nor nodes nor names of groups.
    if (root.contains("region")) out.region = text(root, "region");
    if (const auto* nodes = root.if_contains("nodes"))
      for (const auto& entry : nodes->as_array()) {
        const auto& o = entry.as_object();
        out.nodes.push_back({common::NodeName(text(o, "name")), text(o, "address")});
      }
    return out;
  } catch (const std::exception& e) {
    return Error(Errc::corrupt, std::string("the stored network document: ") + e.what());
  }
}

}  // namespace angophora::nc
