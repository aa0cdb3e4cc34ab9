// A database that came back from a backup is older than the cloud around it: the other daemons know
// numbers that it gave since and has forgotten. Before anything else is done with it, its numbers
// are moved beyond all that can have been given, and what cannot be known is forgotten; see
// docs/decisions/0014-a-cloud-from-a-backup.md.
#pragma once

#include "clc/domain/addresses.h"
#include "clc/store/rows.h"

namespace angophora::clc {

struct Restoration {
  common::SysTime made_at{};      // the backup
  common::SysTime restored_at{};  // it was brought back
};

struct Restored {
  bool is_new = false;                  // false: this restoration was settled already
  std::int64_t base = 0;                // numbers go on from here
  std::int64_t forgotten_launches = 0;  // instances that were on their way to their first start
};

// Once for each restoration, however often it is called.
Result<Restored> settle_restoration(Tx& tx, const Restoration& restoration,
                                    const InstanceNetwork& network);

}  // namespace angophora::clc
