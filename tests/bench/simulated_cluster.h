// A cluster controller with nodes whose hypervisor boots at once, in the process of the cloud
// controller that is measured: what it takes is nothing beside what is measured.
#pragma once

#include <map>
#include <string>

#include "common/runtime/runtime.h"
#include "common/soap/contracts.h"
#include "common/soap/dispatcher.h"

namespace angophora::bench {

using common::Task;

// I/O thread only.
class SimulatedCluster {
 public:
  SimulatedCluster(common::Runtime& runtime, int nodes);
  soap::Dispatcher& dispatcher() { return dispatcher_; }
  static std::string node_name(int number) { return "node-" + std::to_string(number); }
  std::size_t guests() const { return guests_.size(); }

 private:
  using Zone = soap::cluster::DescribeZone;
  using Reserve = soap::cluster::ReserveNodes;
  using Run = soap::cluster::RunInstances;
  using Apply = soap::cluster::ApplyNetwork;
  using Describe = soap::cluster::DescribeServices;
  Task<Zone::Reply> describe_zone(Zone::Request request);
  Task<Reserve::Reply> reserve(Reserve::Request request);
  Task<Run::Reply> run(Run::Request request);
  Task<Apply::Reply> apply(Apply::Request request);
  Task<Describe::Reply> describe();

  common::Runtime& runtime_;
  const int nodes_;
  int next_node_ = 0;
  std::int64_t generation_ = 1;
  std::int64_t network_version_ = 0;
  std::map<std::string, t__instanceReport> guests_;
  common::Wake changed_;
  soap::Dispatcher dispatcher_;
};

}  // namespace angophora::bench
