// Our own words to the wire's and back.
#pragma once

#include <soapStub.h>

#include "clc/clients/cluster_client.h"

namespace angophora::clc {

t__instanceSpec to_wire(const LaunchOrder& order);
t__instanceRef to_wire(const GuestRef& guest);
t__networkDocument to_wire(const NetworkDocument& network);
Outcome from_wire(const t__outcome& outcome);
GuestReport from_wire(const t__instanceReport& report);
// What a node says of itself, and the cluster controller of it.
NodeState from_wire(const t__nodeReport& report, bool reachable);

}  // namespace angophora::clc
