// A node for tests: takes every order at once, answers long polls as the contract says.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/soap/dispatcher.h"
#include "common/soap/local_channel.h"

namespace angophora::cc {

class FakeNode {
 public:
  FakeNode(common::Runtime& runtime, soap::LocalNetwork& network, std::string name);

  // As after a restart of the node: another boot id, the same guests.
  void restart();
  void set_ready(bool ready, std::string reason = {});
  void forget_guest(const std::string& instance_id);
  void news();
  soap::Dispatcher& dispatcher() { return dispatcher_; }

  std::string name;
  std::string boot_id = "boot-1";
  std::int64_t generation = 1;
  bool answers = true;            // false: takes requests and never answers
  bool describes = true;          // false: only DescribeNode is never answered
  bool applies = true;            // false: ApplyNetwork fails
  std::set<std::string> refuses;  // instances and volumes that it will not take
  std::vector<t__instanceReport> guests;
  std::vector<std::string> orders;     // "run i-1 1"
  std::vector<std::int64_t> networks;  // versions, as they came
  int polls = 0;

 private:
  common::Task<node__DescribeNodeResponseType> describe(node__DescribeNodeType request);
  common::Task<node__RunInstancesResponseType> run(node__RunInstancesType request);
  common::Task<node__TerminateInstancesResponseType> terminate(
      node__TerminateInstancesType request);
  common::Task<node__RebootInstancesResponseType> reboot(node__RebootInstancesType request);
  common::Task<node__GetConsoleOutputResponseType> console(node__GetConsoleOutputType request);
  common::Task<node__AttachVolumeResponseType> attach(node__AttachVolumeType request);
  common::Task<node__DetachVolumeResponseType> detach(node__DetachVolumeType request);
  t__instanceReport* guest(const std::string& instance_id);
  t__outcome judge_volume_order(const std::string& instance_id, const std::string& volume_id);
  common::Task<node__ApplyNetworkResponseType> apply(node__ApplyNetworkType request);
  common::awaitable<void> answer_or_hang();
  t__nodeReport report() const;

  common::Runtime& runtime_;
  soap::Dispatcher dispatcher_;
  common::Wake changed_;
  bool ready_ = true;
  std::string reason_;
  std::int64_t network_version_ = 0;
};

}  // namespace angophora::cc
