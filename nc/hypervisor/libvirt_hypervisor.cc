#include "nc/hypervisor/libvirt_hypervisor.h"

#include <libvirt/virterror.h>

#include <boost/asio/post.hpp>

#include "common/log/log.h"
#include "nc/hypervisor/libvirt_connection.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::InstanceId;
using common::Result;
using common::Task;

struct LibvirtHypervisor::Shared : std::enable_shared_from_this<Shared> {
  Shared(common::Runtime& r, LibvirtOptions o)
      : runtime(r), options(std::move(o)), executor(r.executor()) {}

  void tell(const std::string& name, DomainEvent::Kind kind) {
    common::asio::post(executor, [self = weak_from_this(), name, kind] {
      if (auto shared = self.lock(); shared && shared->listener)
        shared->listener({InstanceId(name), kind});
    });
  }

  common::Runtime& runtime;
  const LibvirtOptions options;
  const common::asio::any_io_executor executor;
  std::function<void(DomainEvent)> listener;
  std::size_t calls = 0;
  common::Wake call_ended;
  std::unique_ptr<LibvirtConnection> connection;
};

namespace {

using SharedConnection = std::shared_ptr<virConnect>;

// The domain named `id`, or nothing when there is none.
Result<DomainHandle> find_domain(virConnect& connection, const InstanceId& id) {
  DomainHandle domain{virDomainLookupByName(&connection, id.value.c_str())};
  if (domain) return domain;
  auto error = libvirt_error("looking up domain " + id.value);
  if (error.code == Errc::not_found) return DomainHandle();
  return error;
}

Result<DomainHandle> need_domain(virConnect& connection, const InstanceId& id) {
  TRY(auto domain, find_domain(connection, id));
  if (!domain) return Error(Errc::not_found, "there is no domain " + id.value);
  return domain;
}

bool is_ours(virDomain& domain, const std::string& owner) {
  std::unique_ptr<char, common::GiveBack<free>> title{
      virDomainGetMetadata(&domain, VIR_DOMAIN_METADATA_TITLE, nullptr, 0)};
  return title && owner == title.get();
}

Result<> start_domain(virConnect& connection, const DomainPlan& plan, const DomainStyle& style) {
  TRY(auto old, find_domain(connection, plan.id));
  if (old && !is_ours(*old, style.owner))
    return Error(Errc::already_exists, "domain " + plan.id.value + " belongs to somebody else");
  if (old && virDomainIsActive(old.get()) == 1) return common::ok();
  const auto xml = domain_xml(plan, style);
  DomainHandle domain{virDomainDefineXML(&connection, xml.c_str())};
  if (!domain) return libvirt_error("defining domain " + plan.id.value);
  if (virDomainCreate(domain.get()) < 0) return libvirt_error("starting domain " + plan.id.value);
  return common::ok();
}

Result<> remove_domain(virConnect& connection, const InstanceId& id, const std::string& owner) {
  TRY(auto domain, find_domain(connection, id));
  if (!domain || !is_ours(*domain, owner)) return common::ok();
  if (virDomainIsActive(domain.get()) == 1 && virDomainDestroy(domain.get()) < 0 &&
      virDomainIsActive(domain.get()) != 0)
    return libvirt_error("destroying domain " + id.value);
  constexpr unsigned kFlags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
                              VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                              VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM;
  // Not every driver knows all of these flags.
  if (virDomainUndefineFlags(domain.get(), kFlags) < 0 && virDomainUndefine(domain.get()) < 0) {
    auto error = libvirt_error("undefining domain " + id.value);
    if (error.code != Errc::not_found) return error;
  }
  return common::ok();
}

// Serials of volumes are letters, digits and dashes, so libvirt writes them as they are.
Result<bool> has_disk(virDomain& domain, const std::string& serial) {
  const std::unique_ptr<char, common::GiveBack<free>> xml{virDomainGetXMLDesc(&domain, 0)};
  if (!xml) return libvirt_error("reading the definition of a domain");
  return std::string_view(xml.get()).find("<serial>" + serial + "</serial>") !=
         std::string_view::npos;
}

// One that goes away while libvirt looks, or is asked twice, is not a failure.
bool is_being_unplugged(const Error& error) {
  return error.message.find("in the process of unplug") != std::string::npos;
}

Result<> plug_disk(virConnect& connection, const InstanceId& id, const Disk& disk,
                   const DomainStyle& style) {
  if (style.virtualization == Virtualization::xen)
    return Error(Errc::invalid_argument, "volumes cannot be attached to guests under Xen");
  TRY(auto domain, need_domain(connection, id));
  if (!is_ours(*domain, style.owner) || virDomainIsActive(domain.get()) != 1)
    return Error(Errc::not_found, "domain " + id.value + " does not run");
  TRY(const bool there, has_disk(*domain, disk.serial));
  if (there) return common::ok();
  const auto xml = disk_xml(disk, style);
  if (virDomainAttachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) < 0)
    return libvirt_error("plugging disk " + disk.target + " into " + id.value);
  return common::ok();
}

Result<bool> unplug_disk(virConnect& connection, const InstanceId& id, const Disk& disk,
                         const DomainStyle& style) {
  TRY(auto domain, find_domain(connection, id));
  if (!domain || !is_ours(*domain, style.owner) || virDomainIsActive(domain.get()) != 1)
    return true;
  TRY(const bool before, has_disk(*domain, disk.serial));
  if (!before) return true;
  const auto xml = disk_xml(disk, style);
  if (virDomainDetachDeviceFlags(domain.get(), xml.c_str(), VIR_DOMAIN_AFFECT_LIVE) < 0) {
    auto error = libvirt_error("unplugging disk " + disk.target + " from " + id.value);
    const auto after = has_disk(*domain, disk.serial);
    if (after && !after.assume_value()) return true;
    if (is_being_unplugged(error)) return false;
    return error;
  }
  TRY(const bool after, has_disk(*domain, disk.serial));
  return !after;
}

Result<DomainStatus> status_of(virDomain& domain, LibvirtConnection& watcher) {
  DomainStatus status;
  status.id = InstanceId(virDomainGetName(&domain));
  int state = 0;
  int reason = 0;
  if (virDomainGetState(&domain, &state, &reason, 0) < 0)
    return libvirt_error("asking for the state of domain " + status.id.value);
  status.active = state != VIR_DOMAIN_SHUTOFF && state != VIR_DOMAIN_CRASHED;
  status.io_stopped = state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_IOERROR;
  if (!status.active) {
    const bool by_guest = state == VIR_DOMAIN_SHUTOFF && reason == VIR_DOMAIN_SHUTOFF_SHUTDOWN &&
                          !watcher.was_killed(status.id.value);
    status.end = by_guest ? DomainEnd::by_guest : DomainEnd::lost;
  }
  return status;
}

Result<std::vector<DomainStatus>> list_domains(virConnect& connection, const std::string& owner,
                                               LibvirtConnection& watcher) {
  virDomainPtr* found = nullptr;
  const int count = virConnectListAllDomains(&connection, &found, 0);
  if (count < 0) return libvirt_error("listing domains");
  const std::unique_ptr<virDomainPtr, common::GiveBack<free>> array{found};
  std::vector<DomainHandle> domains;
  for (int i = 0; i < count; ++i) domains.emplace_back(found[i]);
  std::vector<DomainStatus> all;
  for (const auto& domain : domains) {
    if (!is_ours(*domain, owner)) continue;
    auto status = status_of(*domain, watcher);
    if (status) {
      all.push_back(std::move(status).assume_value());
    } else if (status.error().code != Errc::not_found) {
      return std::move(status).assume_error();
    }
  }
  return all;
}

}  // namespace

namespace {

// Waits for its turn, then runs `work` on the pool with the connection. The turn ends with the
// work, also when nobody waits for the result any more.
template <class T, class Shared>
Task<T> take_turn(std::shared_ptr<Shared> shared,
                  std::function<Result<T>(Shared&, virConnect&)> work) {
  const common::Duration patience = shared->options.slow_call_timeout;
  while (shared->calls >= shared->options.calls_max) {
    if (!co_await shared->call_ended.wait(shared->runtime, patience))
      co_return Error(Errc::unavailable, "libvirt does not answer: too many calls are under way");
  }
  ++shared->calls;
  auto job = [shared, work]() -> Result<T> {
    TRY(auto connection, shared->connection->get());
    return work(*shared, *connection);
  };
  auto result = co_await shared->runtime.run_blocking(std::move(job));
  --shared->calls;
  shared->call_ended.notify();
  co_return result;
}

template <class T, class Shared>
Task<T> call(std::shared_ptr<Shared> shared, common::Duration limit, std::string what,
             std::function<Result<T>(Shared&, virConnect&)> work) {
  auto& runtime = shared->runtime;
  auto turn = take_turn<T, Shared>(shared, std::move(work));
  co_return co_await runtime.template with_deadline<T>(limit, std::move(turn), std::move(what));
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(common::Runtime& runtime, LibvirtOptions options)
    : shared_(std::make_shared<Shared>(runtime, std::move(options))) {
  auto* shared = shared_.get();
  shared->connection = std::make_unique<LibvirtConnection>(
      shared->options.uri,
      LibvirtConnection::Listener{
          [shared](std::string name) { shared->tell(name, DomainEvent::Kind::stopped); },
          [shared](std::string name) { shared->tell(name, DomainEvent::Kind::rebooted); },
          [shared](std::string name) { shared->tell(name, DomainEvent::Kind::io_stopped); },
          [shared](std::string name) { shared->tell(name, DomainEvent::Kind::disk_removed); }});
  runtime.on_stop([weak = shared_->weak_from_this()] {
    if (auto alive = weak.lock()) alive->connection->stop_events();
  });
  runtime.post_blocking([alive = shared_] { alive->connection->run_events(); }, [] {});
}

LibvirtHypervisor::~LibvirtHypervisor() { shared_->connection->stop_events(); }

Task<> LibvirtHypervisor::start(DomainPlan plan) {
  std::string what = "starting domain " + plan.id.value;
  std::function<Result<>(Shared&, virConnect&)> work = [plan = std::move(plan)](
                                                           Shared& shared, virConnect& connection) {
    return start_domain(connection, plan, shared.options.style);
  };
  return call<void>(shared_, shared_->options.slow_call_timeout, std::move(what), std::move(work));
}

Task<> LibvirtHypervisor::remove(InstanceId id) {
  std::function<Result<>(Shared&, virConnect&)> work = [id](Shared& shared,
                                                            virConnect& connection) {
    shared.connection->forget(id.value);
    return remove_domain(connection, id, shared.options.style.owner);
  };
  return call<void>(shared_, shared_->options.slow_call_timeout, "removing domain " + id.value,
                    std::move(work));
}

Task<> LibvirtHypervisor::ask_to_reboot(InstanceId id) {
  std::function<Result<>(Shared&, virConnect&)> work = [id](Shared&,
                                                            virConnect& connection) -> Result<> {
    TRY(auto domain, need_domain(connection, id));
    if (virDomainReboot(domain.get(), VIR_DOMAIN_REBOOT_DEFAULT) < 0)
      return libvirt_error("rebooting domain " + id.value);
    return common::ok();
  };
  return call<void>(shared_, shared_->options.call_timeout, "rebooting domain " + id.value,
                    std::move(work));
}

Task<> LibvirtHypervisor::reset(InstanceId id) {
  std::function<Result<>(Shared&, virConnect&)> work = [id](Shared&,
                                                            virConnect& connection) -> Result<> {
    TRY(auto domain, need_domain(connection, id));
    if (virDomainReset(domain.get(), 0) < 0) return libvirt_error("resetting domain " + id.value);
    return common::ok();
  };
  return call<void>(shared_, shared_->options.call_timeout, "resetting domain " + id.value,
                    std::move(work));
}

Task<> LibvirtHypervisor::resume(InstanceId id) {
  std::function<Result<>(Shared&, virConnect&)> work = [id](Shared&,
                                                            virConnect& connection) -> Result<> {
    TRY(auto domain, need_domain(connection, id));
    if (virDomainResume(domain.get()) < 0) return libvirt_error("resuming domain " + id.value);
    return common::ok();
  };
  return call<void>(shared_, shared_->options.call_timeout, "resuming domain " + id.value,
                    std::move(work));
}

Task<> LibvirtHypervisor::attach_disk(InstanceId id, Disk disk) {
  std::string what = "plugging a disk into domain " + id.value;
  std::function<Result<>(Shared&, virConnect&)> work = [id, disk](Shared& shared,
                                                                  virConnect& connection) {
    return plug_disk(connection, id, disk, shared.options.style);
  };
  return call<void>(shared_, shared_->options.slow_call_timeout, std::move(what), std::move(work));
}

Task<bool> LibvirtHypervisor::detach_disk(InstanceId id, Disk disk) {
  std::string what = "unplugging a disk from domain " + id.value;
  std::function<Result<bool>(Shared&, virConnect&)> work = [id, disk](Shared& shared,
                                                                      virConnect& connection) {
    return unplug_disk(connection, id, disk, shared.options.style);
  };
  return call<bool>(shared_, shared_->options.slow_call_timeout, std::move(what), std::move(work));
}

Task<std::vector<DomainStatus>> LibvirtHypervisor::list() {
  std::function<Result<std::vector<DomainStatus>>(Shared&, virConnect&)> work =
      [](Shared& shared, virConnect& connection) {
        return list_domains(connection, shared.options.style.owner, *shared.connection);
      };
  return call<std::vector<DomainStatus>>(shared_, shared_->options.call_timeout, "listing domains",
                                         std::move(work));
}

void LibvirtHypervisor::on_event(std::function<void(DomainEvent)> listener) {
  shared_->listener = std::move(listener);
}

Virtualization LibvirtHypervisor::virtualization() const {
  return shared_->options.style.virtualization;
}

std::string LibvirtHypervisor::description() const { return "libvirt " + shared_->options.uri; }

}  // namespace angophora::nc
