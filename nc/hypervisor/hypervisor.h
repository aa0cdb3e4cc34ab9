// What runs the guests, as the rest of the node controller sees it.
//
// Threads: the I/O thread alone calls; what blocks goes to the pool inside, with a deadline.
// Errors:  Errc::unavailable while the hypervisor cannot be reached, Errc::timed_out when it does
//          not answer (the call may still take effect: ask again), others when it refuses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::nc {

enum class Virtualization { kvm, qemu, xen };
std::string_view to_string(Virtualization v);

struct Disk {
  std::string path;          // a file; or the name of an NBD export, when there is a socket
  std::string format;        // "qcow2" or "raw"; never guessed from the content
  std::string backing_path;  // of a qcow2 overlay: a raw file, also never probed; else empty
  std::string target;        // as the guest may name it: "vda"
  std::string serial;        // by which the guest can find it; may be empty
  // Of an NBD server on this host. When it fails, the guest is paused before it sees an error.
  std::string socket = {};
};

struct Card {
  std::string mac_address;
  std::string tap;
};

// All that a domain is made of; the same plan always makes the same domain.
struct DomainPlan {
  common::InstanceId id;
  std::string uuid;
  std::uint32_t vcpus = 1;
  std::uint64_t memory_mib = 0;
  std::string kernel_path;   // empty: boots from its first disk
  std::string ramdisk_path;  // may be empty
  std::string kernel_arguments;
  std::vector<Disk> disks;
  std::vector<Card> cards;
  std::string console_path;
};

enum class DomainEnd {
  none,      // it runs, or never ran
  by_guest,  // powered itself off
  lost,      // crashed, destroyed by somebody, or nobody knows
};

struct DomainStatus {
  common::InstanceId id;
  bool active = false;
  bool io_stopped = false;  // paused, because a disk failed: it could not grow, or is away
  DomainEnd end = DomainEnd::none;
};

struct DomainEvent {
  enum class Kind { stopped, rebooted, io_stopped, disk_removed };
  common::InstanceId id;
  Kind kind = Kind::stopped;
};

class Hypervisor {
 public:
  virtual ~Hypervisor() = default;

  // Defines the domain as planned and starts it. One that is active already is left alone.
  virtual common::Task<> start(DomainPlan plan) = 0;
  // Ends the domain at once and forgets its definition; one that is not there counts as removed.
  virtual common::Task<> remove(common::InstanceId id) = 0;
  // Asks the guest to restart itself (ACPI); an event tells when it did.
  virtual common::Task<> ask_to_reboot(common::InstanceId id) = 0;
  // Resets the guest without asking it.
  virtual common::Task<> reset(common::InstanceId id) = 0;
  // Lets a paused guest go on.
  virtual common::Task<> resume(common::InstanceId id) = 0;
  // Plugs a disk into a running guest; one that is there already is left alone. Errc::not_found
  // when the domain does not run.
  virtual common::Task<> attach_disk(common::InstanceId id, Disk disk) = 0;
  // Asks the guest to let go of a disk and unplugs it then. False: it is still there, an event
  // tells when it is not; ask again after some seconds. True when there is no such disk, or no
  // running domain.
  virtual common::Task<bool> detach_disk(common::InstanceId id, Disk disk) = 0;
  // All domains of this node, active or not. Others' domains are left out and never touched.
  virtual common::Task<std::vector<DomainStatus>> list() = 0;

  // Called on the I/O thread when something happened to a domain; events may get lost, so list()
  // decides.
  virtual void on_event(std::function<void(DomainEvent)> listener) = 0;
  virtual Virtualization virtualization() const = 0;
  virtual std::string description() const = 0;  // for the node's report
};

}  // namespace angophora::nc
