// What MonitorInstances and UnmonitorInstances share.
#pragma once

#include "clc/actions/action.h"

namespace angophora::clc {

// Switches it for all of them or none, and answers with `transition`, which EC2 shows meanwhile.
Task<Reply> switch_monitoring(Services& s, Caller caller, std::vector<InstanceId> ids, bool on,
                              std::string transition);

}  // namespace angophora::clc
