// A connection to libvirtd that comes back by itself, and the only place that knows libvirt's
// errors and events.
//
// Threads: everything but the constructor may block and belongs on the pool, several at once.
#pragma once

#include <libvirt/libvirt.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "common/base/give_back.h"
#include "common/base/result.h"

namespace angophora::nc {

using DomainHandle = std::unique_ptr<virDomain, common::GiveBack<virDomainFree>>;

// The failure of the libvirt call just made on this thread.
common::Error libvirt_error(const std::string& step);

class LibvirtConnection {
 public:
  // What libvirt tells on its own; called on the event thread.
  struct Listener {
    std::function<void(std::string name)> stopped;
    std::function<void(std::string name)> rebooted;
    std::function<void(std::string name)> io_stopped;    // paused by a failing disk
    std::function<void(std::string name)> disk_removed;  // a guest let go of it
  };

  LibvirtConnection(std::string uri, Listener listener);
  ~LibvirtConnection();

  // The open connection; opens it (again) when there is none. Errc::unavailable when libvirtd
  // cannot be reached.
  common::Result<std::shared_ptr<virConnect>> get();

  // Dispatches libvirt's events until stop_events(); takes a whole thread.
  void run_events();
  void stop_events();  // any thread

  // True when the guest was last ended by a signal to its process, not by itself.
  bool was_killed(const std::string& name);
  void forget(const std::string& name);

 private:
  static int on_lifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void* self);
  static void on_device_removed(virConnectPtr, virDomainPtr domain, const char* alias, void* self);
  static void on_reboot(virConnectPtr, virDomainPtr domain, void* self);
  void watch(virConnect& connection);

  const std::string uri_;
  const Listener listener_;
  std::mutex mutex_;
  std::shared_ptr<virConnect> connection_;
  std::mutex killed_mutex_;
  std::set<std::string> killed_;
  std::atomic<bool> events_stopped_ = false;
  int tick_ = -1;
};

}  // namespace angophora::nc
