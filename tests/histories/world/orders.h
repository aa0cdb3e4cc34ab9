// What the cloud controller orders and hears: each order is repeated until it is answered, as the
// real one does.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "common/soap/fault.h"
#include "tests/histories/world/programs.h"

namespace angophora::histories {

namespace storage = soap::storage;
namespace node = soap::node;

// A guest on one of the nodes.
struct GuestName {
  std::string node;
  std::string instance;
};

// I/O thread only. Errors: Errc::timed_out when something is stuck; others are a definite refusal.
class Orders {
 public:
  Orders(Runtime& runtime, Programs& programs) : runtime_(runtime), programs_(programs) {}
  // Listens to the nodes from now on.
  void begin();
  void end() { ended_ = true; }

  Task<> run_guest(GuestName guest);
  Task<> end_guest(GuestName guest);

  Task<> create_volume(std::string volume, std::string snapshot);  // of 1 GiB
  Task<> delete_volume(std::string volume);
  Task<> create_snapshot(std::string snapshot, std::string volume);
  Task<> delete_snapshot(std::string snapshot);
  Task<storage__DescribeVolumesResponseType> describe_storage();

  // Until the guest has it.
  Task<> attach(GuestName guest, std::string volume, std::int64_t epoch, std::string device);
  Task<> detach(GuestName guest, std::string volume, std::int64_t epoch, bool force);
  Task<> until_detached(GuestName guest, std::string volume, std::int64_t epoch);
  Task<> revoke(std::string volume, std::int64_t epoch);

  // What the node last reported; empty when it named none.
  std::string state_of(const GuestName& guest, const std::string& volume, std::int64_t epoch) const;

 private:
  template <class Op>
  Task<typename Op::Reply> ask(soap::Channel& channel, std::string to,
                               typename Op::Request request);
  Task<> order_attach(GuestName guest, std::string volume, std::int64_t epoch, std::string device);
  awaitable<void> listen(std::string name);

  Runtime& runtime_;
  Programs& programs_;
  std::map<std::string, std::vector<t__instanceReport>> reports_;  // by node
  common::Wake heard_;
  bool ended_ = false;
};

}  // namespace angophora::histories
