// The processes of the cloud: each starts as its real program does, dies without a word when it is
// killed, and finds what it had on disk when it starts again.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cc/daemon.h"
#include "clc/daemon.h"
#include "common/admin/metrics.h"
#include "nc/clients/cloud_images.h"
#include "nc/clients/soap_storage_volumes.h"
#include "nc/daemon.h"
#include "nc/images/image_cache.h"
#include "sc/backends/fake_backend.h"
#include "sc/clients/walrus_snapshots.h"
#include "sc/daemon.h"
#include "sc/exports/fake_export_server.h"
#include "tests/sim/guests.h"
#include "tests/sim/keys.h"
#include "tests/sim/network.h"
#include "tests/sim/slow_pool.h"
#include "walrus/daemon.h"

namespace angophora::sim {

struct Surroundings {
  common::SimWorld& world;
  Trace& trace;
  Network& network;
  const Keys& keys;
};

// How a component other than the cloud controller knows the others: the registry, which it follows
// and keeps over restarts, and its channel.
class Membership {
 public:
  // The registry is kept in that folder.
  Membership(common::SimRuntime& runtime, Surroundings around, ServiceName name, Role role,
             const std::string& state_dir);

  registry::RegistryTable table;
  NetworkChannel channel;

 private:
  void take_kept_registry(Surroundings around, const ServiceName& name, const std::string& file);
};

class Host {
 public:
  Host(Surroundings around, std::string name) : around_(around), name_(std::move(name)) {}
  virtual ~Host() = default;
  Host(const Host&) = delete;

  // Both outside of every process only; both do nothing when there is nothing to do.
  void start();
  void kill();
  bool is_up() const { return runtime_ != nullptr; }
  const ServiceName& name() const { return name_; }
  common::SimRuntime& runtime() { return *runtime_; }
  // How far its clock is off; counts from the next start.
  std::chrono::milliseconds clock_offset{0};

 protected:
  virtual void build() = 0;    // a new daemon in runtime()
  virtual void destroy() = 0;  // it, when nothing of it runs any more

  Surroundings around_;

 private:
  const ServiceName name_;
  std::unique_ptr<common::SimRuntime> runtime_;
};

class ClcHost final : public Host {
 public:
  // `state_dir` holds the database.
  ClcHost(Surroundings around, std::string state_dir)
      : Host(around, "clc"), state_dir_(std::move(state_dir)) {}
  ~ClcHost() override { kill(); }
  // Null until it serves.
  clc::Daemon* serving() { return serves_ ? daemon_.get() : nullptr; }

 private:
  void build() override;
  void destroy() override;
  static common::awaitable<void> run(ClcHost& host);

  const std::string state_dir_;
  std::unique_ptr<clc::Daemon> daemon_;
  bool serves_ = false;
};

class CcHost final : public Host {
 public:
  CcHost(Surroundings around, std::string name, std::string state_dir, cc::Config config)
      : Host(around, std::move(name)), state_dir_(std::move(state_dir)), config_(config) {}
  ~CcHost() override { kill(); }

 private:
  void build() override;
  void destroy() override;

  const std::string state_dir_;
  const cc::Config config_;
  std::unique_ptr<Membership> membership_;
  std::unique_ptr<cc::Daemon> daemon_;
};

class NcHost final : public Host {
 public:
  // `state_dir` holds the registry and the images that were fetched.
  NcHost(Surroundings around, std::string name, std::string state_dir, nc::Resources total)
      : Host(around, name),
        machine(around.world, around.trace, name),
        state_dir_(std::move(state_dir)),
        total_(total) {}
  ~NcHost() override { kill(); }

  Machine machine;
  const nc::Resources& total() const { return total_; }

 private:
  void build() override;
  void destroy() override;
  static common::awaitable<void> run(NcHost& host);
  std::string images_dir() const { return state_dir_ + "/" + machine.name + "-images"; }
  void tidy_up();

  struct Process {
    Process(NcHost& host, nc::HostFacts facts);
    SlowPool pool;
    Membership membership;
    NetworkWeb web;
    SimHypervisor hypervisor;
    SimDisks disks;
    SimRecords records;
    nc::CloudImages source;
    nc::ImageCache images;
    nc::SoapStorageVolumes storage;
    nc::Daemon daemon;
  };
  const std::string state_dir_;
  const nc::Resources total_;
  std::unique_ptr<Process> process_;
};

class ScHost final : public Host {
 public:
  // `state_dir` holds the database.
  ScHost(Surroundings around, std::string state_dir)
      : Host(around, "sc"), state_dir_(std::move(state_dir)) {}
  ~ScHost() override { kill(); }

  // What lies on its disk, and what its export servers serve, which outlive it.
  sc::FakeBackend& volumes() { return volumes_; }
  sc::FakeExportServer& exports() { return exports_; }

 private:
  void build() override;
  void destroy() override;
  static common::awaitable<void> run(ScHost& host);

  const std::string state_dir_;
  sc::FakeBackend volumes_;
  sc::FakeExportServer exports_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<Membership> membership_;
  std::unique_ptr<NetworkWeb> web_;
  std::unique_ptr<sc::WalrusSnapshots> snapshots_;
  std::unique_ptr<sc::Daemon> daemon_;
};

// Walrus with its database and its blobs in real files; S3 comes in without a socket.
class WalrusHost final : public Host {
 public:
  // `state_dir` holds the registry, the database and the blobs.
  WalrusHost(Surroundings around, std::string state_dir)
      : Host(around, "walrus"), state_dir_(std::move(state_dir)) {}
  ~WalrusHost() override { kill(); }
  // Null until it serves.
  walrus::Daemon* serving() { return serves_ ? daemon_.get() : nullptr; }
  // Serves S3.
  Web web();

  // Of its disk.
  Duration slowness = std::chrono::milliseconds(200);

 private:
  void build() override;
  void destroy() override;
  static common::awaitable<void> run(WalrusHost& host);
  static common::Task<> start_daemon(WalrusHost& host);

  const std::string state_dir_;
  walrus::Config config_;
  std::unique_ptr<SlowPool> pool_;
  std::unique_ptr<Membership> membership_;
  std::unique_ptr<admin::Metrics> metrics_;
  std::unique_ptr<walrus::Daemon> daemon_;
  bool serves_ = false;
};

}  // namespace angophora::sim
