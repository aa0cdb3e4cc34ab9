// The node controller's operations: one file each, all in operations.inc.
#pragma once

#include <string>

#include "common/base/id.h"
#include "common/runtime/runtime.h"
#include "common/soap/dispatcher.h"
#include "nc/instances/instances.h"
#include "nc/network/network.h"

namespace angophora::nc {

// What operations work with; outlives all requests.
struct Services {
  common::Runtime& runtime;
  Instances& instances;
  Network& network;
  common::NodeName node;
  common::ZoneName zone;
  std::string version;  // of the program
};

namespace operations {

template <class Op>
using Reply = common::Task<typename Op::Reply>;

#define OPERATION(name, function) \
  Reply<soap::node::name> function(Services&, soap::Caller, soap::node::name::Request);
#include "nc/operations/operations.inc"
#undef OPERATION

}  // namespace operations

// Serves all of them: to the cluster controller, and what only tells also to the cloud controller.
void serve_operations(soap::Dispatcher& dispatcher, Services& services);

}  // namespace angophora::nc
