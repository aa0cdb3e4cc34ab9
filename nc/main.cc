// angophora-nc: runs the guests of one host.
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/encoding.h"
#include "common/component/component.h"
#include "common/crypto/digest.h"
#include "common/http/client.h"
#include "common/log/log.h"
#include "common/soap/soap_channel.h"
#include "nc/clients/cloud_images.h"
#include "nc/clients/cloud_profiles.h"
#include "nc/clients/soap_storage_volumes.h"
#include "nc/daemon.h"
#include "nc/hypervisor/kvm_probe.h"
#include "nc/hypervisor/libvirt_hypervisor.h"
#include "nc/images/image_cache.h"
#include "nc/metadata/service.h"
#include "nc/network/edge_network.h"
#include "nc/volumes/storage_daemons.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;
namespace fs = std::filesystem;

// What was found out about the host before anything is built.
struct Host {
  HostFacts facts;
  Virtualization virtualization = Virtualization::qemu;
  bool direct_io = true;
};

// Disks and images have names that all users of the host can see among QEMU's arguments: the
// folder lets only QEMU through to them.
Result<> open_to_group_of(const std::string& user, const std::string& dir) {
  const auto* group = getgrnam(user.c_str());
  const auto* account = getpwnam(user.c_str());
  if (!group && !account)
    return Error(Errc::not_found, "there is no user " + user +
                                      " on this host: tap_owner must name the user QEMU runs as");
  if (chown(dir.c_str(), geteuid(), group ? group->gr_gid : account->pw_gid) < 0 ||
      chmod(dir.c_str(), 0710) < 0)
    return common::errno_error(errno, "protecting " + dir);
  return common::ok();
}

Result<Host> prepare_host(const Config& config) {
  std::error_code failed;
  for (const auto& dir : {config.state_dir, instances_dir(config), images_dir(config)}) {
    fs::create_directories(dir, failed);
    if (failed) return Error(Errc::io, "making " + dir + ": " + failed.message());
  }
  chmod(config.state_dir.c_str(), 0711);
  TRY_VOID(open_to_group_of(config.tap_owner, instances_dir(config)));
  TRY_VOID(open_to_group_of(config.tap_owner, images_dir(config)));
  if (getpwnam(config.tap_owner.c_str())) TRY_VOID(check_way(config.tap_owner, config.state_dir));
  fs::create_directories(records_dir(config), failed);
  chmod(records_dir(config).c_str(), 0700);
  Host host;
  const HostLimits limits{config.vcpus, config.memory_mib, config.disk_gib,
                          config.memory_reserve_mib,
                          config.disk_margin_mib + config.image_cache_mib};
  const std::vector<std::string> dirs = {instances_dir(config), images_dir(config)};
  TRY(host.facts, read_host_facts(dirs, limits));
  ProbeOptions probe;
  probe.scratch_dir = config.state_dir;
  TRY(host.virtualization,
      choose_virtualization(config.virtualization, config.state_dir + "/virtualization", probe));
  host.direct_io = supports_direct_io(instances_dir(config));
  return host;
}

// Marks domains as this node's. Another cloud's node may have the same name, but not the same key.
std::string owner_mark(const registry::Membership& membership) {
  const auto mark =
      crypto::hmac_sha256(membership.identity().signing_key.pkcs8_der(), "owner of domains");
  return "angophora " + membership.name().value + " " + common::hex_encode(mark).substr(0, 16);
}

LibvirtOptions libvirt_options(const Config& config, const Host& host, std::string owner) {
  LibvirtOptions options;
  const bool xen = host.virtualization == Virtualization::xen;
  options.uri = xen ? "xen:///system" : "qemu:///system";
  if (!config.libvirt_uri.empty()) options.uri = config.libvirt_uri;
  options.style.virtualization = host.virtualization;
  options.style.owner = std::move(owner);
  options.style.disk_cache = host.direct_io ? "none" : "writeback";
  return options;
}

Result<EdgeOptions> edge_options(const Config& config) {
  EdgeOptions options;
  options.state_dir = config.state_dir + "/network";
  options.run_dir = config.network_run_dir;
  options.tap_owner = config.tap_owner;
  options.mtu = config.mtu;
  options.masquerade = config.masquerade;
  options.metadata_address = config.metadata_address;
  options.metadata_port = config.metadata_port;
  options.guest_connections_max = config.guest_connections_max;
  options.public_interface = config.public_interface;
  auto ports = parse_ports(config.guest_tcp_ports);
  if (!ports) return std::move(ports).error().while_doing("the setting guest_tcp_ports");
  options.guest_tcp_ports = std::move(ports).value();
  return options;
}

// The node vouches for what its guests are with the key that speaks for itself.
MetadataOptions metadata_options(const Config& config, const registry::Identity& identity,
                                 ProfileSource& profiles) {
  MetadataOptions options;
  options.address = config.metadata_address;
  options.port = config.metadata_port;
  options.token_key = crypto::hmac_sha256(identity.signing_key.pkcs8_der(), "metadata tokens");
  options.profiles = &profiles;
  options.signer = identity_signer(identity.signing_key, identity.signing_certificate);
  return options;
}

ImageCacheOptions cache_options(const Config& config) {
  ImageCacheOptions options;
  options.dir = images_dir(config);
  options.bytes_max = config.image_cache_mib << 20;
  options.unused_max = config.image_unused;
  options.disk_margin_bytes = config.disk_margin_mib << 20;
  return options;
}

http::ClientOptions client_options(const soap::Self& self) {
  http::ClientOptions options;
  options.tls = soap::tls_identity_of(self);
  return options;
}

StorageDaemonOptions storage_daemon_options(const Config& config) {
  StorageDaemonOptions options;
  options.run_dir = config.volumes_run_dir;
  options.user = config.tap_owner;
  options.reconnect = config.volume_reconnect;
  options.scopes = fs::exists("/run/systemd/system");
  return options;
}

// All that serves once this node is enrolled, built in this order.
struct Node {
  Node(common::Runtime& runtime, const Config& config, registry::Membership& membership,
       const Host& host, EdgeOptions edge)
      : hypervisor(runtime, libvirt_options(config, host, owner_mark(membership))),
        network(runtime, std::move(edge)),
        client(runtime, client_options(membership.self())),
        source(
            runtime, {membership.channel(), membership.table(), membership.cloud_name()},
            [this](http::ClientRequest request) { return client.send(std::move(request)); },
            membership.identity().encryption_key),
        images(runtime, source, cache_options(config)),
        disks(runtime, instances_dir(config)),
        records(runtime, records_dir(config)),
        storage(membership.channel()),
        volume_clients(runtime, storage_daemon_options(config)),
        daemon(runtime, config, {common::NodeName(membership.name().value), membership.zone()},
               host.facts, {hypervisor, network, images, disks, records, storage, volume_clients}),
        profiles(runtime, membership.channel(), membership.cloud_name(),
                 membership.identity().encryption_key),
        metadata(runtime, daemon.metadata_source(),
                 metadata_options(config, membership.identity(), profiles)) {}

  LibvirtHypervisor hypervisor;
  EdgeNetwork network;
  http::Client client;
  CloudImages source;
  ImageCache images;
  FileDisks disks;
  FileRecords records;
  SoapStorageVolumes storage;
  StorageDaemons volume_clients;
  Daemon daemon;
  CloudProfiles profiles;
  MetadataService metadata;
};

void publish(admin::Metrics& metrics, const Node& node) {
  const auto show = [&metrics](const char* name, const char* help, auto value) {
    metrics.gauge(name, help).set(static_cast<double>(value));
  };
  const NodeReport report = node.daemon.instances().report();
  show("nc_instances", "Instances known, also those just over.", report.instances.size());
  show("nc_memory_mib_total", "Memory for guests.", report.total.memory_mib);
  show("nc_memory_mib_used", "Memory promised to guests.", report.used.memory_mib);
  show("nc_disk_gib_total", "Disk for guests.", report.total.disk_gib);
  show("nc_disk_gib_used", "Disk promised to guests.", report.used.disk_gib);
  show("nc_vcpus_used", "Virtual processors of guests.", report.used.vcpus);
  show("nc_image_cache_bytes", "What the image cache takes.", node.images.used_bytes());
}

common::awaitable<void> keep_publishing(component::Component& component, const Node& node) {
  auto& runtime = component.runtime();
  while (!runtime.stopping()) {
    publish(component.metrics(), node);
    const common::Duration second = std::chrono::seconds(1);
    co_await runtime.sleep_for(second);
  }
}

Task<> start(const Config& config, component::Component& component) {
  auto& runtime = component.runtime();
  CO_TRY(auto edge, edge_options(config));
  auto prepare = [config] { return prepare_host(config); };
  CO_TRY(const auto host, co_await runtime.run_blocking(std::move(prepare)));
  CO_TRY_VOID(co_await component.join());
  auto& node = component.keep(
      std::make_unique<Node>(runtime, config, component.membership(), host, std::move(edge)));
  CO_TRY_VOID(co_await node.daemon.start());
  CO_TRY_VOID(node.metadata.listen());
  log::info("node.prepared", {{"virtualization", to_string(host.virtualization)},
                              {"vcpus", host.facts.total.vcpus},
                              {"memory_mib", host.facts.total.memory_mib},
                              {"disk_gib", host.facts.total.disk_gib}});
  component.also_ready_when([&node] { return node.daemon.why_not_ready(); });
  runtime.spawn("publish figures", keep_publishing(component, node));
  co_return component.serve(node.daemon.dispatcher());
}

// What --purge-network does instead of serving, for a host without guests; the exit code.
int purge_network(const Config& config) {
  const auto options = edge_options(config);
  const auto purged = options ? purge_edge(options.value()) : Result<>(options.error());
  if (!purged) log::error("network.purge_failed", {{"reason", purged.error()}});
  const auto ended = purge_storage_daemons(storage_daemon_options(config));
  if (!ended) log::error("volume.purge_failed", {{"reason", ended.error()}});
  return purged && ended ? 0 : 1;
}

// Takes the one option away that is no setting. True when it was there.
bool take_purge_option(std::vector<char*>& arguments) {
  return std::erase_if(arguments,
                       [](const char* a) { return std::string_view(a) == "--purge-network"; }) > 0;
}

}  // namespace
}  // namespace angophora::nc

int main(int argc, char** argv) {
  using namespace angophora;
  std::vector<char*> arguments(argv, argv + argc);
  const bool purge = nc::take_purge_option(arguments);
  const auto config = config::load<nc::Config>(
      "angophora-nc", static_cast<int>(arguments.size()), arguments.data(),
      "angophora-nc --purge-network [options] does not serve: it removes "
      "what was ever made of networks and volumes on a host without guests.");
  if (purge) {
    log::start("nc", config.log_level);
    return nc::purge_network(config);
  }
  component::Options options("nc", soap::Role::node, config);
  options.pool_threads = 12;      // libvirt's events take one for themselves, its calls up to six
  options.private_files = false;  // the hypervisor runs as a user of its own
  return component::run(std::move(options), [&config](component::Component& component) {
    return nc::start(config, component);
  });
}
