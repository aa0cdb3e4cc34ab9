// A node controller that is real but for what runs guests: its records, its volumes' clients and
// what it says to the storage controller are the real ones. Its guests are on paper.
#include "common/component/component.h"
#include "common/soap/soap_channel.h"
#include "nc/clients/soap_storage_volumes.h"
#include "nc/daemon.h"
#include "nc/images/fake_disks.h"
#include "nc/network/fake_network.h"
#include "nc/volumes/storage_daemons.h"
#include "tests/histories/node/paper_hypervisor.h"

namespace angophora::histories {
namespace {

using common::Task;

// All images there can be.
class AnyImage final : public nc::Images {
 public:
  Task<> load() override { co_return common::ok(); }
  Task<nc::ImageLease> acquire(nc::ImageWish, std::function<bool()>) override {
    co_return nc::ImageLease{"image", 1 << 20, nullptr};
  }
  std::optional<nc::ImageLease> hold(const nc::ImageId&) override {
    return nc::ImageLease{"image", 1 << 20, nullptr};
  }
  Task<> remove_unused() override { co_return common::ok(); }
};

nc::StorageDaemonOptions daemon_options(const nc::Config& config) {
  nc::StorageDaemonOptions options;
  options.run_dir = config.volumes_run_dir;
  options.reconnect = config.volume_reconnect;
  return options;
}

struct Node {
  Node(common::Runtime& runtime, const nc::Config& config, registry::Membership& membership)
      : hypervisor(runtime, config.state_dir + "/guests"),
        records(runtime, nc::records_dir(config)),
        storage(membership.channel()),
        clients(runtime, daemon_options(config)),
        daemon(runtime, config, {common::NodeName(membership.name().value), membership.zone()},
               {{64, 65536, 1000}, "histories"},
               {hypervisor, network, images, disks, records, storage, clients}) {}

  PaperHypervisor hypervisor;
  nc::FakeNetwork network;
  AnyImage images;
  nc::FakeDisks disks;
  nc::FileRecords records;
  nc::SoapStorageVolumes storage;
  nc::StorageDaemons clients;
  nc::Daemon daemon;
};

Task<> start(const nc::Config& config, component::Component& component) {
  CO_TRY_VOID(co_await component.join());
  auto& node =
      component.keep(std::make_unique<Node>(component.runtime(), config, component.membership()));
  CO_TRY_VOID(co_await node.daemon.start());
  co_return component.serve(node.daemon.dispatcher());
}

}  // namespace
}  // namespace angophora::histories

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<nc::Config>("angophora-history-node", argc, argv);
  component::Options options("nc", soap::Role::node, config);
  return component::run(std::move(options), [&config](component::Component& component) {
    return histories::start(config, component);
  });
}
