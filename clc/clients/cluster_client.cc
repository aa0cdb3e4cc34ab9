#include "clc/clients/cluster_client.h"

namespace angophora::clc {

bool Outcome::definitely_refused() const {
  // The words of a node that looked at the order and said no. Everything else, whoever says it,
  // leaves open what became of it.
  for (const auto* word :
       {"invalid_argument", "limit_exceeded", "io", "internal", "stale_placement", "stale_epoch"})
    if (!accepted && code == word) return true;
  return false;
}

}  // namespace angophora::clc
