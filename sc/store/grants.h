// Who may open which volume, and where it is open. A row stays after the grant's end, so that its
// number never counts again; it goes with the volume.
#pragma once

#include <optional>
#include <vector>

#include "common/db/database.h"
#include "sc/domain/export.h"

namespace angophora::sc {

// Within one transaction.
class Grants {
 public:
  explicit Grants(db::Tx& tx) : tx_(tx) {}

  Result<std::optional<Grant>> find(const VolumeId& volume);
  Result<std::vector<Grant>> all();
  // The whole row, whatever was there.
  Result<> put(const Grant& grant);
  Result<> remove(const VolumeId& volume);

 private:
  db::Tx& tx_;
};

}  // namespace angophora::sc
