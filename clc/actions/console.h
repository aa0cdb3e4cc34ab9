// What an instance wrote to its serial console.
#pragma once

#include "clc/actions/action.h"
#include "clc/clients/cluster_client.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

// Nothing when it has not started yet or is over.
Task<ConsoleOutput> read_console(Services& s, Instance instance, std::string request_id);

}  // namespace angophora::clc
