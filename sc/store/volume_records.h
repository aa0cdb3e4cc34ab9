// Which volumes there must be: what is recorded here and has no file is lost.
#pragma once

#include <map>
#include <optional>

#include "common/db/database.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

// Within one transaction.
class VolumeRecords {
 public:
  explicit VolumeRecords(db::Tx& tx) : tx_(tx) {}

  Result<std::optional<std::uint32_t>> size_gib(const VolumeId& id);
  Result<std::map<VolumeId, std::uint32_t>> all();
  // Keeps what is there already.
  Result<> insert(const VolumeId& id, std::uint32_t size_gib);
  Result<> remove(const VolumeId& id);

 private:
  db::Tx& tx_;
};

}  // namespace angophora::sc
