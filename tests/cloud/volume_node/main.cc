// A node controller's core with real guests and real volume clients and nothing else around it: no
// cloud, no images to fetch, no network, and a storage controller that always gives one answer.
// Tests order by HTTP what a cluster controller would order, and kill it at will.
//
//   angophora-volume-node STATE_DIR RUN_DIR IMAGES_DIR HTTP_PORT STORAGE_PORT KEY_HEX
//
// GET /run /attach?epoch=1&device=/dev/sdf /detach?epoch=1&force=no /terminate answer "accepted" or
// the code of a refusal; /report answers "INSTANCE_STATE VOLUME_STATE EPOCH REASON".
#include <filesystem>

#include "common/base/text.h"
#include "common/http/server.h"
#include "common/log/log.h"
#include "common/runtime/real_runtime.h"
#include "nc/hypervisor/libvirt_hypervisor.h"
#include "nc/images/disks.h"
#include "nc/instances/instances.h"
#include "nc/network/fake_network.h"
#include "nc/volumes/storage_daemons.h"

namespace angophora::nc {
namespace {

using common::Task;

const InstanceId kId("i-00000000000000001");
const VolumeId kVolume("vol-00000000000000001");

// Images are files of one folder, named by their ids.
class LocalImages final : public Images {
 public:
  explicit LocalImages(std::string dir) : dir_(std::move(dir)) {}
  Task<> load() override { co_return common::ok(); }
  Task<ImageLease> acquire(ImageWish wish, std::function<bool()>) override {
    co_return lease(wish.image.id);
  }
  std::optional<ImageLease> hold(const ImageId& id) override { return lease(id); }
  Task<> remove_unused() override { co_return common::ok(); }

 private:
  ImageLease lease(const ImageId& id) const {
    const auto path = dir_ + "/" + id.value;
    return {path, std::filesystem::file_size(path), nullptr};
  }
  const std::string dir_;
};

class OneAnswer final : public StorageVolumes {
 public:
  explicit OneAnswer(VolumeExport answer) : answer_(std::move(answer)) {}
  Task<VolumeExport> export_volume(ExportWish) override { co_return answer_; }
  Task<> unexport_volume(ExportWish) override { co_return common::ok(); }

 private:
  const VolumeExport answer_;
};

InstanceSpec spec() {
  InstanceSpec spec;
  spec.id = kId;
  spec.placement_no = 1;
  spec.type = {.name = "t", .vcpus = 1, .memory_mib = 96, .disk_gib = 1};
  spec.machine_image = {ImageId("root"), ImageKind::machine, 0, false};
  spec.kernel_image = {ImageId("vmlinuz"), ImageKind::kernel, 0, false};
  spec.ramdisk_image = {ImageId("initrd"), ImageKind::ramdisk, 0, false};
  spec.kernel_arguments = "rdinit=/trial console=ttyS0";
  spec.net.mac_address = "d0:0d:00:00:00:01";
  spec.net.private_ip = "10.100.0.5";
  return spec;
}

struct Arguments {
  std::string state_dir, run_dir, images_dir, qemu_user;
  std::uint16_t http_port = 0;
  VolumeExport exported;
};

InstancesOptions instances_options(const Arguments& arguments) {
  InstancesOptions options;
  options.instances_dir = arguments.state_dir + "/instances";
  options.host_boot_id = "boot";
  options.total = {4, 1024, 100};
  options.disk_margin_bytes = 1 << 20;
  return options;
}

LibvirtOptions libvirt_options() {
  LibvirtOptions options;
  options.style.owner = "angophora volume-node";
  options.style.disk_cache = "writeback";
  return options;
}

StorageDaemonOptions daemon_options(const Arguments& arguments) {
  StorageDaemonOptions options;
  options.run_dir = arguments.run_dir;
  options.user = arguments.qemu_user;
  options.reconnect = std::chrono::minutes(1);
  return options;
}

struct Node {
  Node(common::RealRuntime& r, const Arguments& arguments)
      : runtime(r),
        hypervisor(runtime, libvirt_options()),
        images(arguments.images_dir),
        disks(runtime, arguments.state_dir + "/instances"),
        records(runtime, arguments.state_dir + "/records"),
        storage(arguments.exported),
        clients(runtime, daemon_options(arguments)),
        instances(runtime, {hypervisor, network, images, disks, records, storage, clients},
                  instances_options(arguments)) {}

  std::string report() const {
    const auto all = instances.report();
    if (!all.ready) return "notready " + all.reason;
    for (const auto& instance : all.instances) {
      std::string text(to_string(instance.state));
      for (const auto& v : instance.volumes)
        text +=
            " " + std::string(to_string(v.state)) + " " + std::to_string(v.epoch) + " " + v.reason;
      return text + " " + instance.reason;
    }
    return "none";
  }

  common::RealRuntime& runtime;
  LibvirtHypervisor hypervisor;
  FakeNetwork network;
  LocalImages images;
  FileDisks disks;
  FileRecords records;
  OneAnswer storage;
  StorageDaemons clients;
  Instances instances;
};

std::string parameter(const http::Request& request, std::string_view name) {
  for (const auto& [key, value] :
       http::parse_query(request.query(), true).value_or(http::Parameters()))
    if (key == name) return value;
  return "";
}

Task<Outcome> obey(Node& node, std::string path, std::int64_t epoch, std::string device,
                   bool force) {
  AttachOrder attach{kId, 1, kVolume, epoch, std::move(device), {"sc-1", "127.0.0.1", 8777}};
  DetachOrder detach{kId, 1, kVolume, epoch, force};
  auto wanted = spec();
  if (path == "/run") co_return co_await node.instances.run(std::move(wanted));
  if (path == "/attach") co_return co_await node.instances.attach(std::move(attach));
  if (path == "/detach") co_return co_await node.instances.detach(std::move(detach));
  co_return co_await node.instances.terminate(kId, 1);
}

common::awaitable<http::Response> answer(Node& node, http::Request& request) {
  http::Response response;
  std::string path(request.path());
  if (path == "/report") {
    response.body = node.report() + "\n";
    co_return response;
  }
  const auto epoch = common::parse_number<std::int64_t>(parameter(request, "epoch")).value_or(0);
  auto device = parameter(request, "device");
  const bool force = parameter(request, "force") == "yes";
  auto outcome = co_await obey(node, std::move(path), epoch, std::move(device), force);
  response.body = outcome.assume_value().accepted ? "accepted" : outcome.assume_value().code;
  co_return response;
}

common::awaitable<void> start(Node& node) {
  const auto started = co_await node.instances.start();
  if (started) co_return;
  log::error("daemon.start_failed", {{"reason", started.error()}});
  node.runtime.stop();
}

}  // namespace
}  // namespace angophora::nc

int main(int argc, char** argv) {
  using namespace angophora;
  if (argc != 8) return 2;
  log::start("volume-node", log::Level::info);
  nc::Arguments arguments{argv[1], argv[2], argv[3], argv[7], 0, {}};
  arguments.http_port = common::parse_number<std::uint16_t>(argv[4]).value_or(0);
  arguments.exported = {"127.0.0.1", common::parse_number<std::uint16_t>(argv[5]).value_or(0),
                        "trial",     "trial",
                        argv[6],     1ull << 30};
  common::RealRuntimeOptions options;
  options.pool_threads = 12;
  common::RealRuntime runtime(options);
  nc::Node node(runtime, arguments);
  http::ServerOptions listener;
  listener.port = arguments.http_port;
  auto handler = [&node](http::Request& request) { return nc::answer(node, request); };
  auto server = http::Server::listen(runtime, listener, handler);
  if (!server) return 1;
  runtime.spawn("start", nc::start(node));
  runtime.run();
  return 0;
}
