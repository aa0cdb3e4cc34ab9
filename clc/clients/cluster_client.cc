#include "clc/clients/cluster_client.h"

namespace angophora::clc {

bool Outcome::definitely_refused() const {
  // Words for "the node could not be asked"; everything else is the node's own answer.
  return !accepted && code != "unavailable" && code != "timed out" && code != "timed_out" &&
         code != "cancelled" && code != "Unavailable" && code != "TimedOut";
}

}  // namespace angophora::clc
