#include "nc/metadata/tree.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"

namespace angophora::nc {
namespace {

const std::string kMeta = "meta-data/";

// Without a name of its own a guest has AWS' one: ip-10-100-0-5.
std::string host_name(const InstanceSpec& spec) {
  if (!spec.hostname.empty()) return spec.hostname;
  auto name = "ip-" + spec.net.private_ip;
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

std::string lines(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += '\n';
    out += text;
  }
  return out;
}

// Names of keys are users' text; here one becomes part of a listing.
std::string one_line(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

}  // namespace

const std::vector<std::string_view>& metadata_versions() {
  static const std::vector<std::string_view> versions{
      "1.0",        "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
      "2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12",
      "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02",
      "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03",
      "2021-03-23", "2021-07-15", "2022-09-24", "latest"};
  return versions;
}

MetadataTree::MetadataTree(const InstanceSpec& spec, const MetadataFacts& facts,
                           const SignedIdentity& identity) {
  add_instance(spec);
  add_disks(spec);
  add_network(spec);
  add_placement(spec, facts);
  set_if_any("user-data", spec.user_data);
  set("dynamic/fws/instance-monitoring", "disabled");
  set("dynamic/instance-identity/document", identity.document);
  set_if_any("dynamic/instance-identity/signature", identity.signature);
  set_if_any("dynamic/instance-identity/pkcs7", identity.pkcs7);
  set_if_any("dynamic/instance-identity/rsa2048", identity.pkcs7);
}

void MetadataTree::set(std::string path, std::string value) {
  leaves_[std::move(path)] = std::move(value);
}

void MetadataTree::set_if_any(std::string path, std::string value) {
  if (!value.empty()) set(std::move(path), std::move(value));
}

void MetadataTree::add_instance(const InstanceSpec& spec) {
  set(kMeta + "ami-id", spec.machine_image.id.value);
  set(kMeta + "ami-launch-index", std::to_string(spec.launch_index));
  set(kMeta + "ami-manifest-path", "(unknown)");
  set(kMeta + "instance-action", "none");
  set(kMeta + "instance-id", spec.id.value);
  set(kMeta + "instance-life-cycle", "on-demand");
  set(kMeta + "instance-type", spec.type.name);
  set(kMeta + "profile", "default-hvm");
  set(kMeta + "reservation-id", spec.reservation_id.value);
  set(kMeta + "security-groups", lines(spec.group_names));
  if (spec.kernel_image) set(kMeta + "kernel-id", spec.kernel_image->id.value);
  if (spec.ramdisk_image) set(kMeta + "ramdisk-id", spec.ramdisk_image->id.value);
  if (spec.public_key.empty()) return;
  // Only the number names a key's folder; the listing of public-keys tells its name as well.
  set(kMeta + "public-keys", "0=" + one_line(spec.key_name));
  set(kMeta + "public-keys/0/openssh-key", std::string(common::trim(spec.public_key)) + "\n");
}

void MetadataTree::add_disks(const InstanceSpec& spec) {
  const auto folder = kMeta + "block-device-mapping/";
  set(folder + "ami", "vda");
  set(folder + "root", "/dev/vda");
  const bool ephemeral = spec.type.ephemeral_gib > 0;
  if (ephemeral) set(folder + "ephemeral0", "vdb");
  if (spec.type.swap_mib > 0) set(folder + "swap", ephemeral ? "vdc" : "vdb");
}

void MetadataTree::add_network(const InstanceSpec& spec) {
  const auto& net = spec.net;
  const auto name = host_name(spec);
  const auto mac = common::to_lower(net.mac_address);
  set(kMeta + "hostname", name);
  set(kMeta + "local-hostname", name);
  set(kMeta + "local-ipv4", net.private_ip);
  set(kMeta + "mac", mac);
  set(kMeta + "public-hostname", net.public_ip.empty() ? "" : name);
  set_if_any(kMeta + "public-ipv4", net.public_ip);
  const auto folder = kMeta + "network/interfaces/macs/" + mac + "/";
  set(folder + "device-number", std::to_string(net.device_index));
  set(folder + "local-hostname", name);
  set(folder + "local-ipv4s", net.private_ip);
  set(folder + "mac", mac);
  set(folder + "owner-id", spec.account_id.value);
  set(folder + "security-groups", lines(spec.group_names));
  if (net.public_ip.empty()) return;
  set(folder + "public-hostname", name);
  set(folder + "public-ipv4s", net.public_ip);
  set(folder + "ipv4-associations/" + net.public_ip, net.private_ip);
}

void MetadataTree::add_placement(const InstanceSpec& spec, const MetadataFacts& facts) {
  set(kMeta + "placement/availability-zone", spec.zone);
  set(kMeta + "placement/region", facts.region);
  set(kMeta + "services/domain", facts.services_domain);
  set(kMeta + "services/partition", "aws");
}

std::optional<std::string> MetadataTree::list(std::string_view folder) const {
  const auto prefix = folder.empty() ? std::string() : std::string(folder) + "/";
  std::set<std::string> names;
  for (auto it = leaves_.lower_bound(prefix); it != leaves_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    const auto rest = std::string_view(it->first).substr(prefix.size());
    names.insert(std::string(rest.substr(0, rest.find('/'))));
  }
  if (names.empty()) return std::nullopt;
  std::vector<std::string> entries;
  for (const auto& name : names) {
    const auto below = leaves_.lower_bound(prefix + name + "/");
    const bool is_folder = below != leaves_.end() && below->first.starts_with(prefix + name + "/");
    // A version's root shows its folders without a slash, as AWS does.
    entries.push_back(is_folder && !folder.empty() ? name + "/" : name);
  }
  return lines(entries);
}

std::optional<std::string> MetadataTree::find(std::string_view path) const {
  if (const auto leaf = leaves_.find(path); leaf != leaves_.end()) return leaf->second;
  return list(path);
}

}  // namespace angophora::nc
