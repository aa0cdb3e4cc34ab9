#include "nc/network/edge_rules.h"

#include <algorithm>
#include <map>

#include "common/base/text.h"
#include "nc/network/addresses.h"
#include "nc/network/public_addresses.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::GroupId;
using common::Result;

const std::string kTaps = "\"" + std::string(kTapPrefix) + "*\"";

// nft's names take no leading digit and we give them no '-'.
std::string set_name(const GroupId& id) {
  auto name = "members_" + id.value;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
std::string chain_name(const std::string& direction, const std::string& what) {
  auto name = direction + "_" + what;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::optional<std::string> port_match(const std::string& protocol, const NetworkRule& rule) {
  const bool all = (rule.from_port <= 0 && rule.to_port >= 65535) ||
                   (rule.from_port == -1 && rule.to_port == -1);
  if (all) return "meta l4proto " + protocol + " ";
  if (rule.from_port < 0 || rule.from_port > rule.to_port || rule.to_port > 65535)
    return std::nullopt;
  auto out = protocol + " dport " + std::to_string(rule.from_port);
  if (rule.to_port != rule.from_port) out += "-" + std::to_string(rule.to_port);
  return out + " ";
}

std::optional<std::string> icmp_match(const NetworkRule& rule) {
  if (rule.from_port == -1) return "meta l4proto icmp ";
  if (rule.from_port < 0 || rule.from_port > 255 || rule.to_port < -1 || rule.to_port > 255)
    return std::nullopt;
  auto out = "icmp type " + std::to_string(rule.from_port) + " ";
  if (rule.to_port >= 0) out += "icmp code " + std::to_string(rule.to_port) + " ";
  return out;
}

std::optional<std::string> protocol_match(const NetworkRule& rule) {
  const auto& p = rule.protocol;
  if (p == "-1" || p == "all") return "";
  if (p == "tcp" || p == "6") return port_match("tcp", rule);
  if (p == "udp" || p == "17") return port_match("udp", rule);
  if (p == "icmp" || p == "1") return icmp_match(rule);
  const auto number = common::parse_number<int>(p);
  if (!number || *number < 0 || *number > 255) return std::nullopt;
  return "meta l4proto " + std::to_string(*number) + " ";
}

std::optional<std::string> peer_match(const NetworkRule& rule, const std::string& peer) {
  if (!rule.source_group.empty()) {
    if (!is_plain_id(rule.source_group.value)) return std::nullopt;
    return "ip " + peer + " @" + set_name(rule.source_group) + " ";
  }
  const auto cidr = parse_cidr(rule.cidr);
  if (!cidr) return std::nullopt;
  if (cidr->prefix == 0) return "";
  return "ip " + peer + " " + format_cidr(*cidr) + " ";
}

// Collects the chains and sets of the filter table.
class FilterWriter {
 public:
  FilterWriter(const EdgeOptions& options, const EdgeState& state)
      : options_(options), state_(state) {
    table_.family = "inet";
    table_.name = kFilterTable;
    for (const auto& group : state.document.groups) groups_[group.id] = &group;
    for (const auto& instance : state.document.instances) instances_[instance.id] = &instance;
  }

  NftTable write() {
    declare_sets();
    write_guard();
    write_input();
    write_forward();
    for (const auto& port : state_.ports) write_port(port);
    fill_members();
    table_.chains += group_chains_;
    return std::move(table_);
  }

 private:
  void line(const std::string& text) { table_.chains += "\t\t" + text + "\n"; }
  void begin(const std::string& name) { table_.chains += "\tchain " + name + " {\n"; }
  void end() { table_.chains += "\t}\n"; }

  void declare_sets() {
    table_.sets["guests"].type = "ifname . ether_addr . ipv4_addr";
    table_.sets["cards"].type = "ifname . ether_addr";
    table_.sets["addresses"].type = "ipv4_addr";
    table_.sets["ingress_of"] = {"map", "ifname : verdict", {}};
    table_.sets["egress_of"] = {"map", "ifname : verdict", {}};
  }

  void write_guard() {
    table_.chains +=
        "\tset metadata_clients {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic\n\t}\n";
    begin("guard");
    line("type filter hook prerouting priority -310; policy accept;");
    line("iifname != " + kTaps + " ip saddr @addresses drop");
    line("iifname != " + kTaps + " iifname != \"lo\" ip daddr " + options_.metadata_address +
         " drop");
    line("iifname != " + kTaps + " accept");
    line("iifname . ether saddr . ip saddr @guests accept");
    line(
        "iifname . ether saddr @cards ip saddr 0.0.0.0 ip daddr 255.255.255.255 "
        "udp sport 68 udp dport 67 accept");
    line("drop");
    end();
  }

  void write_input() {
    begin("input");
    line("type filter hook input priority -10; policy accept;");
    line("iifname != " + kTaps + " accept");
    line("ct state established,related accept");
    line("udp sport 68 udp dport 67 accept");
    if (node_answers_dns(state_.document)) {
      line("ip daddr " + state_.document.gateway + " udp dport 53 accept");
      line("ip daddr " + state_.document.gateway + " tcp dport 53 accept");
    }
    const auto metadata = "ct original ip daddr 169.254.169.254 ip daddr " +
                          options_.metadata_address + " tcp dport " +
                          std::to_string(options_.metadata_port);
    // One guest's idle connections must not keep the others out.
    line(metadata + " ct state new add @metadata_clients { ip saddr ct count over 64 } drop");
    line(metadata + " accept");
    for (const auto port : options_.guest_tcp_ports)
      line("tcp dport " + std::to_string(port) + " accept");
    line("drop");
    end();
  }

  void write_forward() {
    begin("egress");
    line("type filter hook forward priority -12; policy accept;");
    line("iifname != " + kTaps + " accept");
    line("ct state established,related accept");
    line("ct state invalid drop");
    line("iifname vmap @egress_of");
    line("drop");
    end();
    begin("ingress");
    line("type filter hook forward priority -11; policy accept;");
    line("oifname != " + kTaps + " accept");
    line("ct state established,related accept");
    line("meta nfproto ipv6 drop");
    line("oifname vmap @ingress_of");
    line("drop");
    end();
    // The node is nobody's friend either: its own connections to guests obey the groups.
    begin("output");
    line("type filter hook output priority -11; policy accept;");
    // A sender who believed it would go on to a node after the guest has left that.
    line("icmp type redirect drop");
    line("oifname != " + kTaps + " accept");
    line("ct state established,related accept");
    line("udp sport 67 udp dport 68 accept");
    line("oifname vmap @ingress_of");
    line("drop");
    end();
  }

  void write_port(const Port& port) {
    const auto quoted = "\"" + port.tap + "\"";
    table_.sets["guests"].elements.insert(quoted + " . " + port.mac_address + " . " +
                                          port.private_ip);
    table_.sets["cards"].elements.insert(quoted + " . " + port.mac_address);
    table_.sets["addresses"].elements.insert(port.private_ip);
    const auto found = instances_.find(port.instance);
    const NetworkInstance* instance = found == instances_.end() ? nullptr : found->second;
    // An address that the document gives to somebody else must not inherit his groups.
    if (instance && instance->private_ip != port.private_ip) instance = nullptr;
    for (const std::string direction : {"ingress", "egress"}) {
      const auto chain = chain_name(direction, port.tap);
      table_.sets[direction + "_of"].elements.insert(quoted + " : goto " + chain);
      begin(chain);
      for (const auto* group : groups_of(instance)) line("jump " + use_group(direction, *group));
      line("drop");
      end();
    }
  }

  std::vector<const NetworkGroup*> groups_of(const NetworkInstance* instance) const {
    std::vector<const NetworkGroup*> out;
    if (!instance) return out;
    for (const auto& id : instance->groups)
      if (const auto found = groups_.find(id); found != groups_.end() && is_plain_id(id.value))
        out.push_back(found->second);
    return out;
  }

  // The chain of a group, written when the first guest of this node needs it.
  std::string use_group(const std::string& direction, const NetworkGroup& group) {
    const auto chain = chain_name(direction, group.id.value);
    auto& written = written_[chain];
    if (written) return chain;
    written = true;
    const bool in = direction == "ingress";
    std::string text = "\tchain " + chain + " {\n";
    for (const auto& rule : in ? group.ingress : group.egress) {
      const auto match = rule_text(rule, in ? "saddr" : "daddr");
      if (!match) continue;
      if (!rule.source_group.empty()) table_.sets[set_name(rule.source_group)].type = "ipv4_addr";
      text += "\t\t" + *match + "accept\n";
    }
    group_chains_ += text + "\t}\n";
    return chain;
  }

  // Members wherever they run: rules name groups of the whole zone.
  void fill_members() {
    for (const auto& instance : state_.document.instances)
      for (const auto& id : instance.groups)
        if (const auto found = table_.sets.find(set_name(id)); found != table_.sets.end())
          found->second.elements.insert(instance.private_ip);
  }

  const EdgeOptions& options_;
  const EdgeState& state_;
  NftTable table_;
  std::string group_chains_;
  std::map<GroupId, const NetworkGroup*> groups_;
  std::map<common::InstanceId, const NetworkInstance*> instances_;
  std::map<std::string, bool> written_;
};

// A guest's packet to a public address becomes one to the private address at once, on the node of
// whoever sends it, wherever the other one runs: so groups see who it is from, on any node, and
// no neighbour is in between. What others send becomes so on the node of the guest alone, for the
// answers must come back that way. A guest that calls itself must not be answered by itself past
// the node: to it, it calls from its public address.
NftTable nat_table(const EdgeOptions& options, const EdgeState& state) {
  NftTable table{"ip", std::string(kNatTable), {}, ""};
  table.sets["guests"].type = "ipv4_addr";
  table.sets["public_of"] = {"map", "ipv4_addr : ipv4_addr", {}};
  table.sets["own_public_of"] = {"map", "ipv4_addr . ipv4_addr : ipv4_addr", {}};
  table.sets["private_of"] = {"map", "ipv4_addr : ipv4_addr", {}};
  table.sets["private_here"] = {"map", "ipv4_addr : ipv4_addr", {}};
  for (const auto& port : state.ports) table.sets["guests"].elements.insert(port.private_ip);
  const auto holders = public_holders(state.document);
  for (const auto& [address, holder] : holders)
    table.sets["private_of"].elements.insert(address + " : " + holder);
  for (const auto& [address, tap] : public_routes(state)) {
    const auto& holder = holders.at(address);
    table.sets["private_here"].elements.insert(address + " : " + holder);
    table.sets["public_of"].elements.insert(holder + " : " + address);
    table.sets["own_public_of"].elements.insert(holder + " . " + holder + " : " + address);
  }
  const auto metadata = options.metadata_address + ":" + std::to_string(options.metadata_port);
  table.chains =
      "\tchain prerouting {\n"
      "\t\ttype nat hook prerouting priority -101; policy accept;\n"
      "\t\tiifname " +
      kTaps + " ip daddr 169.254.169.254 tcp dport 80 dnat to " + metadata +
      "\n"
      "\t\tiifname " +
      kTaps +
      " dnat to ip daddr map @private_of\n"
      "\t\tdnat to ip daddr map @private_here\n"
      "\t}\n"
      "\tchain output {\n"
      "\t\ttype nat hook output priority -101; policy accept;\n"
      "\t\tdnat to ip daddr map @private_here\n"
      "\t}\n"
      "\tchain postrouting {\n"
      "\t\ttype nat hook postrouting priority 99; policy accept;\n"
      "\t\toifname " +
      kTaps +
      " snat to ip saddr . ip daddr map @own_public_of\n"
      "\t\toifname " +
      kTaps +
      " accept\n"
      "\t\tip saddr != @guests accept\n";
  if (const auto subnet = parse_cidr(state.document.subnet_cidr))
    table.chains += "\t\tip daddr " + format_cidr(*subnet) + " accept\n";
  table.chains += "\t\tsnat to ip saddr map @public_of\n";
  if (options.masquerade) table.chains += "\t\tmasquerade\n";
  table.chains += "\t}\n";
  return table;
}

// Behind all gates, so that what they drop is not counted. A connection's first packet is dropped
// when its guest has too many; those that it has go on.
NftTable limits_table(const EdgeOptions& options) {
  NftTable table{"inet", std::string(kLimitsTable), {}, ""};
  if (options.guest_connections_max == 0) return table;
  const auto count = [&options](const std::string& end) {
    return "add @connections { ip " + end + " ct count over " +
           std::to_string(options.guest_connections_max) + " } drop\n";
  };
  table.chains =
      "\tset connections {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic\n\t}\n"
      "\tchain forward {\n"
      "\t\ttype filter hook forward priority -9; policy accept;\n"
      "\t\tct state != new accept\n"
      "\t\tiifname " +
      kTaps + " " + count("saddr") + "\t\toifname " + kTaps + " " + count("daddr") +
      "\t}\n"
      "\tchain input {\n"
      "\t\ttype filter hook input priority -9; policy accept;\n"
      "\t\tiifname != " +
      kTaps +
      " accept\n"
      "\t\tct state != new accept\n"
      "\t\tudp dport 67 accept\n"
      "\t\t" +
      count("saddr") + "\t}\n";
  return table;
}

// A guest may ask for addresses under its own name only: what it claims would fill the node's
// table of neighbours. (0.0.0.0 asks whether an address is free.)
NftTable arp_table(const EdgeState& state) {
  NftTable table{"arp", std::string(kArpTable), {}, ""};
  table.sets["guests"].type = "ifname . ether_addr . ipv4_addr";
  for (const auto& port : state.ports)
    for (const auto& address : {port.private_ip, std::string("0.0.0.0")})
      table.sets["guests"].elements.insert("\"" + port.tap + "\" . " + port.mac_address + " . " +
                                           address);
  table.chains =
      "\tchain input {\n"
      "\t\ttype filter hook input priority 0; policy accept;\n"
      "\t\tiifname != " +
      kTaps +
      " accept\n"
      "\t\tiifname . arp saddr ether . arp saddr ip @guests accept\n"
      "\t\tdrop\n"
      "\t}\n";
  return table;
}

}  // namespace

Ruleset edge_rules(const EdgeOptions& options, const EdgeState& state) {
  return {FilterWriter(options, state).write(), limits_table(options), nat_table(options, state),
          arp_table(state)};
}

std::optional<std::string> rule_text(const NetworkRule& rule, const std::string& peer) {
  const auto from = peer_match(rule, peer);
  const auto what = protocol_match(rule);
  if (!from || !what) return std::nullopt;
  return *from + *what;
}

std::vector<std::string> unusable_rules(const NetworkDocument& document) {
  std::vector<std::string> out;
  for (const auto& group : document.groups)
    for (const auto* rules : {&group.ingress, &group.egress})
      for (const auto& rule : *rules)
        if (!rule_text(rule, "saddr"))
          out.push_back("group " + group.id.value + ": protocol " + rule.protocol + ", ports " +
                        std::to_string(rule.from_port) + " to " + std::to_string(rule.to_port) +
                        ", peer " + rule.cidr + rule.source_group.value);
  return out;
}

Result<> check_document(const NetworkDocument& document) {
  const auto wrong = [](std::string what) {
    return Error(Errc::invalid_argument, "network document: " + std::move(what));
  };
  const auto subnet = parse_cidr(document.subnet_cidr);
  if (!subnet || subnet->prefix < 8 || subnet->prefix > 30)
    return wrong("the subnet '" + document.subnet_cidr + "' is not a network of /8 to /30");
  const auto gateway = parse_ipv4(document.gateway);
  if (!gateway || !subnet->contains(*gateway))
    return wrong("the gateway '" + document.gateway + "' is not an address of the subnet");
  for (const auto& server : document.dns_servers)
    if (!parse_ipv4(server)) return wrong("the DNS server '" + server + "' is not an address");
  if (!document.dns_domain.empty() && !is_plain_domain(document.dns_domain))
    return wrong("the domain '" + document.dns_domain + "' is not a domain name");
  for (const auto& node : document.nodes)
    if (!parse_ipv4(node.address))
      return wrong("node " + node.name.value + " cannot have the address '" + node.address + "'");
  for (const auto& instance : document.instances) {
    const auto address = parse_ipv4(instance.private_ip);
    if (!address || !subnet->contains(*address) || *address == *gateway)
      return wrong("instance " + instance.id.value + " cannot have the address '" +
                   instance.private_ip + "'");
    if (!instance.public_ip.empty() && !parse_ipv4(instance.public_ip))
      return wrong("instance " + instance.id.value + " cannot have the public address '" +
                   instance.public_ip + "'");
  }
  return common::ok();
}

bool node_answers_dns(const NetworkDocument& document) {
  if (document.version == 0) return false;
  return document.dns_servers.empty() ||
         std::find(document.dns_servers.begin(), document.dns_servers.end(), document.gateway) !=
             document.dns_servers.end();
}

}  // namespace angophora::nc
