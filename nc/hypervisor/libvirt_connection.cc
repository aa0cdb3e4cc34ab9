#include "nc/hypervisor/libvirt_connection.h"

#include <libvirt/virterror.h>

#include "common/log/log.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace {

constexpr int kTickMs = 1000;
constexpr int kKeepAliveIntervalS = 5;
constexpr unsigned kKeepAliveCount = 3;

void ignore_error(void*, virErrorPtr) {}
void ignore_tick(int, void*) {}

// libvirt's event loop and error printing belong to the process.
void prepare_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    virInitialize();
    virSetErrorFunc(nullptr, ignore_error);
    virEventRegisterDefaultImpl();
  });
}

Errc code_of(int libvirt_code) {
  switch (libvirt_code) {
    case VIR_ERR_NO_DOMAIN:
      return Errc::not_found;
    case VIR_ERR_NO_CONNECT:
    case VIR_ERR_INVALID_CONN:
    case VIR_ERR_RPC:
    case VIR_ERR_SYSTEM_ERROR:
      return Errc::unavailable;
    case VIR_ERR_OPERATION_TIMEOUT:
    case VIR_ERR_AGENT_UNRESPONSIVE:
      return Errc::timed_out;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_ACCESS_DENIED:
      return Errc::permission_denied;
    case VIR_ERR_XML_ERROR:
    case VIR_ERR_CONFIG_UNSUPPORTED:
      return Errc::invalid_argument;
    default:
      return Errc::io;
  }
}

}  // namespace

Error libvirt_error(const std::string& step) {
  const virError* last = virGetLastError();
  if (!last) return {Errc::io, step + ": libvirt gave no reason"};
  return {code_of(last->code), step + ": " + (last->message ? last->message : "unknown error")};
}

LibvirtConnection::LibvirtConnection(std::string uri, Listener listener)
    : uri_(std::move(uri)), listener_(std::move(listener)) {
  prepare_library();
  // Without a timer the event loop would sleep until something happens.
  tick_ = virEventAddTimeout(kTickMs, ignore_tick, nullptr, nullptr);
}

LibvirtConnection::~LibvirtConnection() { virEventRemoveTimeout(tick_); }

Result<std::shared_ptr<virConnect>> LibvirtConnection::get() {
  std::lock_guard lock(mutex_);
  if (connection_ && virConnectIsAlive(connection_.get()) == 1) return connection_;
  const bool lost = connection_ != nullptr;
  connection_.reset();
  if (lost) log::warn("hypervisor.connection_lost", {{"uri", uri_}});
  std::shared_ptr<virConnect> fresh(virConnectOpen(uri_.c_str()), [](virConnect* connection) {
    if (connection) virConnectClose(connection);
  });
  if (!fresh) {
    auto error = libvirt_error("connecting to " + uri_);
    error.code = make_error_code(Errc::unavailable);
    return error;
  }
  watch(*fresh);
  log::info("hypervisor.connected", {{"uri", uri_}});
  connection_ = std::move(fresh);
  return connection_;
}

void LibvirtConnection::watch(virConnect& connection) {
  // Finds a libvirtd that hangs; not every driver can do it.
  virConnectSetKeepAlive(&connection, kKeepAliveIntervalS, kKeepAliveCount);
  virConnectDomainEventRegisterAny(&connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                   VIR_DOMAIN_EVENT_CALLBACK(&on_lifecycle), this, nullptr);
  virConnectDomainEventRegisterAny(&connection, nullptr, VIR_DOMAIN_EVENT_ID_REBOOT,
                                   VIR_DOMAIN_EVENT_CALLBACK(&on_reboot), this, nullptr);
  virConnectDomainEventRegisterAny(&connection, nullptr, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                   VIR_DOMAIN_EVENT_CALLBACK(&on_device_removed), this, nullptr);
}

int LibvirtConnection::on_lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail,
                                    void* self) {
  auto& connection = *static_cast<LibvirtConnection*>(self);
  const std::string name = virDomainGetName(domain);
  if (event == VIR_DOMAIN_EVENT_SHUTDOWN && detail == VIR_DOMAIN_EVENT_SHUTDOWN_HOST) {
    std::lock_guard lock(connection.killed_mutex_);
    connection.killed_.insert(name);
  }
  if (event == VIR_DOMAIN_EVENT_STARTED) connection.forget(name);
  if (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR)
    connection.listener_.io_stopped(name);
  if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED)
    connection.listener_.stopped(name);
  return 0;
}

void LibvirtConnection::on_reboot(virConnectPtr, virDomainPtr domain, void* self) {
  static_cast<LibvirtConnection*>(self)->listener_.rebooted(virDomainGetName(domain));
}

void LibvirtConnection::on_device_removed(virConnectPtr, virDomainPtr domain, const char*,
                                          void* self) {
  static_cast<LibvirtConnection*>(self)->listener_.disk_removed(virDomainGetName(domain));
}

bool LibvirtConnection::was_killed(const std::string& name) {
  std::lock_guard lock(killed_mutex_);
  return killed_.contains(name);
}

void LibvirtConnection::forget(const std::string& name) {
  std::lock_guard lock(killed_mutex_);
  killed_.erase(name);
}

void LibvirtConnection::run_events() {
  while (!events_stopped_) {
    if (virEventRunDefaultImpl() < 0) {
      log::error("hypervisor.events_failed", {{"reason", libvirt_error("running the event loop")}});
      return;
    }
  }
}

void LibvirtConnection::stop_events() {
  events_stopped_ = true;
  virEventUpdateTimeout(tick_, 0);
}

}  // namespace angophora::nc
